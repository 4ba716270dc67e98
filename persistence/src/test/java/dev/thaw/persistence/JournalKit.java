package dev.thaw.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.stream.javadsl.Sink;

/** An actor system on an H2 journal, and the smallest entity that stores what it is told. */
final class JournalKit implements AutoCloseable {

  /** Stores these in one atomic write, then answers. */
  record Store(List<WorkloadEvent> events, ActorRef<Done> replyTo) {}

  private final ActorTestKit kit;

  private JournalKit(Config config) {
    kit = ActorTestKit.create("journal", config);
  }

  static JournalKit on(Path file) {
    var config = ConfigFactory.load();
    return new JournalKit(
        JournalProfile.h2(file, JournalSettings.from(config)).withFallback(config));
  }

  ActorTestKit kit() {
    return kit;
  }

  void store(String id, List<WorkloadEvent> events) {
    var answered = kit.<Done>createTestProbe();
    ActorRef<Store> keeper = kit.spawn(keeper(id));
    keeper.tell(new Store(events, answered.ref()));
    answered.receiveMessage(Duration.ofSeconds(10));
    kit.stop(keeper);
  }

  List<Object> stored(String id) throws Exception {
    return JournalReader.of(kit.system())
        .currentEvents(id)
        .map(EventEnvelope::event)
        .runWith(Sink.seq(), kit.system())
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }

  /** Its state is the number of events it has stored. */
  static Behavior<Store> keeper(String id) {
    return new Keeper(PersistenceId.ofUniqueId(id));
  }

  private static final class Keeper extends EventSourcedBehavior<Store, WorkloadEvent, Long> {
    Keeper(PersistenceId id) {
      super(id);
    }

    @Override
    public Long emptyState() {
      return 0L;
    }

    @Override
    public CommandHandler<Store, WorkloadEvent, Long> commandHandler() {
      return (stored, store) ->
          Effect().persist(store.events()).thenRun(() -> store.replyTo().tell(Done.getInstance()));
    }

    @Override
    public EventHandler<Long, WorkloadEvent> eventHandler() {
      return (stored, event) -> stored + 1;
    }
  }
}
