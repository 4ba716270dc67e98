package dev.thaw.coordinator.local;

import dev.thaw.config.PodUid;
import dev.thaw.coordinator.workload.WorkloadActor.Answer;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What {@code scale} and {@code restart} do, or why they are refused. A refusal changes nothing.
 */
final class OperatorWords {
  /** Why a process starts anew that an operator wanted to. */
  static final String RESTARTED = "by an operator's command";

  private static final int MOST = 256;

  private final String workload;
  private final Roster roster;
  private final Runnable add;
  private final Consumer<Replica> remove;
  private final Consumer<Replica> restart;

  /** The last three carry out what is decided. */
  OperatorWords(
      String workload,
      Roster roster,
      Runnable add,
      Consumer<Replica> remove,
      Consumer<Replica> restart) {
    this.workload = workload;
    this.roster = roster;
    this.add = add;
    this.remove = remove;
    this.restart = restart;
  }

  /** {@code serving}: who has traffic now. */
  Answer scale(int wanted, Set<PodUid> serving) {
    if (wanted < 1 || wanted > MOST) {
      return new Answer(false, "replicas: " + wanted + " (expected: 1 to " + MOST + ")");
    }
    List<Replica> staying = roster.staying();
    int before = staying.size();
    try {
      for (int i = before; i < wanted; i++) {
        add.run();
      }
    } catch (UncheckedIOException e) {
      return new Answer(
          false,
          "%s has %d replicas: a further one cannot be recorded: %s"
              .formatted(workload, roster.staying().size(), e.getMessage()));
    }
    Leaving.first(staying, before - wanted, serving).forEach(remove);
    return new Answer(
        true, "%s has %d replicas now (it had %d).".formatted(workload, wanted, before));
  }

  /** {@code serving}: who has traffic now. */
  Answer restart(String pod, Set<PodUid> serving) {
    Replica replica = roster.named(pod).orElse(null);
    if (replica == null) {
      return new Answer(false, "no pod " + pod);
    } else if (replica.plan != Replica.Plan.RUN) {
      return new Answer(false, pod + " is being ended already");
    } else if (Leaving.leavesNobody(replica, roster.present(), serving)) {
      return new Answer(
          false,
          "that would leave %s without a backend; add one first with thaw scale"
              .formatted(workload));
    }
    restart.accept(replica);
    return new Answer(true, pod + " is started anew.");
  }
}
