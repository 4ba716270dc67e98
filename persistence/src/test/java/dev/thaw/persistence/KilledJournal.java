package dev.thaw.persistence;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Scanner;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A process that stores events as fast as it may and says each acknowledgement on its output, until
 * it is killed. Started by {@link KilledJournalIT}; its one argument is the journal's file.
 */
final class KilledJournal {

  static final String ID = "workload|killed";

  /** How many events one atomic write holds. */
  static final int TOGETHER = 3;

  private KilledJournal() {}

  public static void main(String[] arguments) {
    Path file = Path.of(arguments[0]);
    JournalCheck.open(file);
    JournalKit journal = JournalKit.on(file);
    ActorRef<JournalKit.Store> keeper = journal.kit().spawn(JournalKit.keeper(ID));
    journal.kit().spawn(writer(keeper));
    new Scanner(System.in).hasNext(); // ends with the parent, should that die first
    Runtime.getRuntime().halt(1);
  }

  private static Behavior<Done> writer(ActorRef<JournalKit.Store> keeper) {
    return Behaviors.setup(
        context -> {
          keeper.tell(new JournalKit.Store(events(), context.getSelf()));
          return Behaviors.receiveMessage(
              done -> {
                System.out.println("acknowledged");
                keeper.tell(new JournalKit.Store(events(), context.getSelf()));
                return Behaviors.same();
              });
        });
  }

  /** Some larger than what the database keeps inside a row. */
  private static List<WorkloadEvent> events() {
    var event =
        new WorkloadEvent.Ejected(
            new PodUid("orders-0.1"), new StartId("b:1:2"), "why", "x".repeat(400), Instant.now());
    return Collections.nCopies(TOGETHER, event);
  }
}
