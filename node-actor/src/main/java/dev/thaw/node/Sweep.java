package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Pidfd;
import dev.thaw.bpf.os.ProcStat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends all who run in a pod's control group, whoever started them, and sees them gone. Blocking.
 */
final class Sweep {
  /** Who waits for a dead disk cannot be ended: nobody waits long for him. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Whoever forks while he is being killed is found in the next. */
  private static final int ROUNDS = 20;

  private Sweep() {}

  /** Ends whom it finds, until nobody is found or somebody cannot be ended. */
  static void through(Cgroup group) {
    boolean more = true;
    for (int round = 0; more && round < ROUNDS; round++) {
      List<Pidfd> members = members(group);
      more =
          members.stream().filter(member -> member.signal(LocalProcess.SIGKILL)).count() > 0
              && members.stream().allMatch(member -> member.awaitExit(PATIENCE));
      members.forEach(Pidfd::close);
    }
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
