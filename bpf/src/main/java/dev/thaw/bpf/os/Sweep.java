package dev.thaw.bpf.os;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends all who run in a control group, whoever started them, and sees them gone. Any thread; blocks
 * for as long as they take, interrupted or not.
 */
public final class Sweep {
  /** Who waits for a dead disk cannot be ended: nobody waits long for him. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Whoever forks while he is being killed is found in the next. */
  private static final int ROUNDS = 20;

  private static final int SIGKILL = 9;

  private Sweep() {}

  /** Ends whom it finds, until nobody is found or somebody cannot be ended; false for that. */
  public static boolean through(Cgroup group) {
    boolean all = true;
    boolean more = true;
    for (int round = 0; all && more && round < ROUNDS; round++) {
      List<Pidfd> members = members(group);
      more = members.stream().filter(member -> member.signal(SIGKILL)).count() > 0;
      all = members.stream().allMatch(member -> member.awaitExit(PATIENCE));
      members.forEach(Pidfd::close);
    }
    return all && !more;
  }

  /** By descriptors that were open when the group was asked: no other can have got their pids. */
  private static List<Pidfd> members(Cgroup group) {
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
