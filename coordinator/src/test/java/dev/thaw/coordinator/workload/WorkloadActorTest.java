package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.Policies;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.gate.GateReader;
import dev.thaw.coordinator.gate.PrometheusSettings;
import dev.thaw.coordinator.metrics.Metrics;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.persistence.WeightTable;
import dev.thaw.persistence.WorkloadEvent;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shell around the core: what it stores, whom it tells, and what a failing journal changes. */
class WorkloadActorTest {
  private static final PodUid POD = new PodUid("uid-0");
  private static final StartId START = new StartId("boot:1:1");
  private static final String PLANE = "kernel:here";
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final WarmupPolicy policy = Policies.blind();
  private final ActorTestKit kit = ActorTestKit.create(config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  private final TestProbe<NodeGateway.Command> gateway = kit.createTestProbe();
  private final TestProbe<Feed.Command> feed = kit.createTestProbe();
  private final TestProbe<WeightTable> tables = kit.createTestProbe();
  private final TestProbe<WorkloadActor.Answer> answers = kit.createTestProbe();
  private final TestProbe<WorkloadActor.View> views = kit.createTestProbe();
  private final JournalHealth health = new JournalHealth(Path.of("/proc/journal.mv.db"));
  private Metrics metrics;
  private long nanos = 1_000_000_000L;
  private ActorRef<WorkloadActor.Command> writer;

  /** Pods whose actors make nothing of what they are told. */
  private static final class NobodyListens implements PodWords {
    @Override
    public void assigned(PodUid pod, StartId start, Phase phase, int weight) {}

    @Override
    public void factsAsked(PodUid pod) {}
  }

  private static Config config() {
    return ManualTime.config()
        .withFallback(PersistenceTestKitPlugin.getInstance().config())
        .withFallback(
            ConfigFactory.parseString("pekko.actor.provider = local, pekko.loglevel = ERROR"))
        .withFallback(ConfigFactory.load("thaw-coordinator"));
  }

  @BeforeEach
  void spawn() {
    metrics = new Metrics(kit.system().settings().config(), "test");
    writer =
        kit.spawn(
            WorkloadActor.create(
                policy,
                WriterSettings.from(config()),
                new WorkloadActor.Colleagues(
                    new NobodyListens(),
                    gateway.getRef(),
                    feed.getRef(),
                    new GateReader(
                        Optional.empty(),
                        Duration.ofSeconds(1),
                        new PrometheusSettings(Duration.ofSeconds(2)),
                        Clock.systemUTC()),
                    endpoint -> endpoint,
                    metrics,
                    health),
                () -> new Moment(nanos, Instant.ofEpochSecond(0, nanos))));
  }

  @AfterEach
  void end() {
    metrics.close();
    kit.shutdownTestKit();
  }

  private void subscribe() {
    writer.tell(new WorkloadActor.Subscribe(PLANE, 0, tables.getRef()));
  }

  private void say(Input input) {
    writer.tell(new WorkloadActor.Say(input));
  }

  /** Its answer proves that all it was told before has been dealt with. */
  private WorkloadActor.View look() {
    writer.tell(new WorkloadActor.Look(views.getRef()));
    return views.receiveMessage();
  }

  private WorkloadActor.Answer operate(Verb verb) {
    writer.tell(
        new WorkloadActor.Operate(
            new Input.Command(verb, List.of(), false, false), answers.getRef()));
    return answers.receiveMessage();
  }

  private void confirmedPod() {
    say(
        new Input.Digest(
            List.of(
                new Input.Known(POD, new PodName("orders-0"), new Endpoint("127.101.0.1", 8080)))));
    say(new Input.PodMoved(POD, START, new Fact.Started(nanos)));
    say(new Input.PodMoved(POD, START, new Fact.Listening(true)));
    say(new Input.PodMoved(POD, START, new Fact.Confirmed()));
  }

  private WeightTable tableWith(int weight) {
    for (; ; ) {
      WeightTable table = tables.receiveMessage();
      if (table.entries().stream().anyMatch(entry -> entry.weight() == weight)) {
        return table;
      }
    }
  }

  @Test
  void decidesNothingBeforeAPlaneHasOpenedItAndThenStoresItsTermFirst() {
    assertThat(operate(Verb.PAUSE).accepted()).isFalse();
    assertThat(journal.persistedInStorage(id())).isEmpty();

    subscribe();
    look();

    assertThat(journal.persistedInStorage(id())).first().isInstanceOf(WorkloadEvent.Opened.class);
  }

  @Test
  void everySubscribedPlaneIsToldTheTableAndTheTableOnlySaysWhatIsStored() {
    subscribe();
    confirmedPod();

    WeightTable table = tableWith(100);

    assertThat(table.version()).isLessThanOrEqualTo(journal.persistedInStorage(id()).size());
    assertThat(table.entries()).hasSize(1);
  }

  @Test
  void whoWaitsForAPodWithoutTrafficIsToldOnceEveryPlaneHasTakenItAway() {
    subscribe();
    confirmedPod();
    tableWith(100);
    TestProbe<Done> drained = kit.createTestProbe();

    writer.tell(new WorkloadActor.WhenDrained(POD, drained.getRef()));
    say(new Input.PodMoved(POD, START, new Fact.Exited("exit code 1")));
    WeightTable without = look().state().table();
    drained.expectNoMessage(Duration.ZERO);
    say(new Input.TableApplied(PLANE, without.term(), without.version()));

    drained.expectMessage(Done.getInstance());
  }

  @Test
  void aWriterThatWasSupersededStops() {
    subscribe();
    confirmedPod();
    tableWith(100);

    say(new Input.TableRefused(PLANE, 99, 1));

    kit.createTestProbe().expectTerminated(writer);
  }

  @Test
  void aJournalThatFailsChangesNoWeightAndTheWriterGoesOnOnceItWrites() {
    subscribe();
    confirmedPod();
    WeightTable before = tableWith(100);
    say(new Input.TableApplied(PLANE, before.term(), before.version()));
    look();
    int stored = journal.persistedInStorage(id()).size();

    journal.failNextPersisted(id());
    writer.tell(
        new WorkloadActor.Operate(
            new Input.Command(Verb.PAUSE, List.of(), false, false), answers.getRef()));
    time.timePasses(Duration.ofSeconds(2)); // its backoff
    time.expectNoMessageFor(Duration.ZERO, answers);
    assertThat(look().state().table().entries()).isEqualTo(before.entries());
    assertThat(journal.persistedInStorage(id())).hasSize(stored);

    subscribe(); // as a plane does every 5 s
    assertThat(operate(Verb.PAUSE).accepted()).isTrue();
    WorkloadActor.View after = look();
    assertThat(after.state().term()).isGreaterThan(before.term());
    assertThat(after.live().planes()).containsKey(PLANE);
  }

  @Test
  void aPlaneThatDoesNotRenewItsSubscriptionHoldsNobodyUp() {
    subscribe();
    assertThat(look().live().planes()).containsKey(PLANE);

    nanos += Duration.ofSeconds(16).toNanos();
    time.timePasses(AGAIN);

    assertThat(look().live().planes()).isEmpty();
  }

  @Test
  void aJournalThatTakesNothingIsSaidOnceAndWhatItHeldBeforeIsKept() {
    subscribe();
    confirmedPod();
    WorkloadActor.View before = look();
    journal.failNextNPersisted(id(), 2);

    writer.tell(
        new WorkloadActor.Operate(
            new Input.Command(Verb.PAUSE, List.of(), false, false), answers.getRef()));

    Feed.Said said = said("degraded");
    assertThat(said.fields()).containsEntry("what", "journal");
    assertThat(said.fields().get("why").toString())
        .startsWith("the journal /proc/journal.mv.db cannot be used: ");
    assertThat(health.trouble()).isPresent();
    answers.expectNoMessage(Duration.ZERO);

    time.timePasses(Duration.ofSeconds(3));
    subscribe(); // its term is an event, the second that fails
    time.timePasses(Duration.ofSeconds(6));
    subscribe();

    assertThat(said("restored").fields()).containsEntry("what", "journal");
    assertThat(health.trouble()).isEmpty();
    WorkloadActor.View after = look();
    assertThat(after.state().paused()).isFalse();
    assertThat(after.state().table().entries()).isEqualTo(before.state().table().entries());
  }

  /** The next line of this kind; that there was no other trouble before it is part of that. */
  private Feed.Said said(String event) {
    for (; ; ) {
      if (feed.receiveMessage() instanceof Feed.Said said) {
        assertThat(said.event()).isEqualTo(event);
        return said;
      }
    }
  }

  private String id() {
    return WorkloadActor.persistenceId(policy.workload()).id();
  }
}
