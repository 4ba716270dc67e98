package dev.thaw.node;

import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Gives up the control group of a pod that is no more, then ends. The kernel counts a process for
 * some moments after its end, so it tries again. Blocks: runs on the native dispatcher.
 */
final class Vacating {
  private static final Duration AGAIN = Duration.ofMillis(200);

  /** Whoever is in there by then was put there by others: the end of the run tries once more. */
  private static final int TRIES = 25;

  private Vacating() {}

  /** One try. */
  record Try(int number) {}

  static Behavior<Try> of(PodGroups groups, String podName, ActorRef<KernelWatch.Command> kernel) {
    return Behaviors.withTimers(
        timers -> {
          kernel.tell(new KernelWatch.Unwatch(ProcessIndex.Group.of(groups.of(podName))));
          return tried(timers, groups, podName, 1);
        });
  }

  private static Behavior<Try> tried(
      TimerScheduler<Try> timers, PodGroups groups, String podName, int number) {
    if (groups.remove(podName) || number == TRIES) {
      return Behaviors.stopped();
    }
    timers.startSingleTimer(new Try(number + 1), AGAIN);
    return Behaviors.receiveMessage(next -> tried(timers, groups, podName, next.number()));
  }
}
