package dev.thaw.bpf.preflight;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Control groups: where processes live, and by which sockets are told apart. */
final class CgroupChecks {
  /** Until then a socket had room for a cgroup2 group or a v1 class, not for both. */
  private static final int BOTH_MARKS = 515;

  private CgroupChecks() {}

  static List<Check> all(Findings findings) {
    Findings.Cgroups cgroups = findings.cgroups();
    return List.of(
        cgroup2(cgroups), groups(cgroups), cpu(cgroups), classifiers(cgroups, findings.release()));
  }

  private static Check cgroup2(Findings.Cgroups cgroups) {
    String needed = "cgroup2, alone or beside v1";
    return cgroups
        .cgroup2()
        .map(at -> Check.ok("cgroup2", "mounted at " + at, needed))
        .orElseGet(
            () ->
                Check.unfit(
                    "cgroup2",
                    "no cgroup2 mount",
                    needed,
                    "there is no place for the hooks that balance connects",
                    "mount one, as in mount -t cgroup2 none /sys/fs/cgroup/unified",
                    Part.BALANCING));
  }

  private static Check groups(Findings.Cgroups cgroups) {
    String needed = "control groups that we may make";
    if (cgroups.unwritable().isEmpty()) {
      return Check.ok("own-groups", "can be made", needed);
    }
    Findings.Unwritable at = cgroups.unwritable().get();
    return Check.unfit(
        "own-groups",
        "cannot be made in %s: %s".formatted(at.at(), at.why()),
        needed,
        "replicas have no groups of their own: kernel signals cannot be told apart",
        at.readOnly()
            ? "mount it writable (mount -o remount,bind,rw %s), or run the container with its control groups writable"
                .formatted(at.at())
            : "run as root, or have a group delegated",
        Part.SIGNALS,
        Part.MARKS,
        Part.LIMITS);
  }

  private static Check cpu(Findings.Cgroups cgroups) {
    String needed = "the cpu controller, in cgroup2 or v1";
    return cgroups.cpu()
        ? Check.ok("cpu-controller", "available", needed)
        : Check.degraded(
            "cpu-controller",
            cgroups.cpuUnmounted().isPresent()
                ? "in a hierarchy that is not mounted"
                : "in no hierarchy",
            needed,
            "--cpu-limit is refused",
            cgroups
                .cpuUnmounted()
                .map("mount it: mount -t cgroup -o %1$s none /sys/fs/cgroup/%1$s"::formatted)
                .orElse("boot without cgroup_disable=cpu, or delegate the controller"),
            Part.LIMITS);
  }

  /**
   * A kernel before 5.15 stops to mark new sockets with their cgroup2 group for good, once a v1
   * class or priority is set: later sockets count as the root's. Hooks at the root still see them,
   * narrower ones do not.
   */
  private static Check classifiers(Findings.Cgroups cgroups, String release) {
    String needed = "net_cls and net_prio unused, or Linux 5.15";
    var mounted = new TreeSet<String>();
    for (Map.Entry<String, Boolean> each : cgroups.classifiers().entrySet()) {
      if (each.getValue()) {
        mounted.add(each.getKey());
      }
    }
    if (mounted.isEmpty()) {
      return Check.ok(
          "socket-groups",
          cgroups.classifiers().isEmpty()
              ? "this kernel has neither"
              : String.join(" and ", new TreeSet<>(cgroups.classifiers().keySet()))
                  + " not mounted, so no socket so far was classed by them",
          needed);
    }
    String found = String.join(" and ", mounted) + " mounted";
    if (KernelChecks.version(release) >= BOTH_MARKS) {
      return Check.ok("socket-groups", found + ", kept apart from cgroup2 by this kernel", needed);
    }
    return Check.degraded(
        "socket-groups",
        found,
        needed,
        "from the first class or priority that is set, new sockets count as the root's: hooks below"
            + " the root (--cover) and counts per pod do not see them",
        "boot with cgroup_no_v1=net_cls,net_prio, or Linux 5.15");
  }
}
