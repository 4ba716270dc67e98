package dev.thaw.bpf.os;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends all who run in a control group, whoever started them. By descriptors: whoever has got the
 * pid of one that is gone is safe. Any thread.
 */
public final class Members {
  private Members() {}

  /**
   * Kills whom it finds and waits for nobody: whoever forks meanwhile is found the next time.
   *
   * @return whether nobody ran
   */
  public static boolean kill(Cgroup group) {
    return killed(group, System.nanoTime());
  }

  /**
   * Kills whom it finds until nobody is found. Blocks, interrupted or not; who waits for a dead
   * disk cannot be ended.
   *
   * @return whether nobody runs there any more
   */
  public static boolean end(Cgroup group, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    boolean ended;
    do {
      ended = killed(group, deadline);
    } while (!ended && System.nanoTime() < deadline);
    return ended;
  }

  private static boolean killed(Cgroup group, long deadline) {
    List<Pidfd> members = of(group);
    List<Pidfd> alive =
        members.stream().filter(member -> !member.awaitExit(Duration.ZERO)).toList();
    alive.forEach(member -> member.signal(LibC.SIGKILL));
    for (Pidfd member : alive) {
      long left = Math.max(0, deadline - System.nanoTime());
      member.awaitExit(Duration.ofNanos(left));
    }
    members.forEach(Pidfd::close);
    return alive.isEmpty();
  }

  /** The descriptors were open when the group was asked, so they are those of its processes. */
  private static List<Pidfd> of(Cgroup group) {
    var held = new ArrayList<Pidfd>();
    for (int pid : group.pids()) {
      ProcStat.startTicks(pid).ifPresent(ticks -> Pidfd.open(pid, ticks).ifPresent(held::add));
    }
    List<Integer> listed = group.pids();
    held.stream().filter(process -> !listed.contains(process.pid())).forEach(Pidfd::close);
    held.removeIf(process -> !listed.contains(process.pid()));
    return held;
  }
}
