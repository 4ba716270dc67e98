package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.preflight.Findings.HookProgram;
import dev.thaw.bpf.preflight.Findings.Sharing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Who sits on the cgroup hooks that balancing needs. */
final class Attachments {
  /** Our programs on the hooks. */
  static final List<String> HOOKS =
      List.of("on_connect4", "on_connect6", "on_getpeername4", "on_getpeername6");

  /** {@code enum bpf_attach_type}, Linux 5.8. */
  private static final Map<String, Integer> TYPES =
      new TreeMap<>(Map.of("connect4", 10, "connect6", 11, "getpeername4", 29, "getpeername6", 30));

  private static final int DIRECT = 0;
  private static final int EFFECTIVE = 1;

  /** Ours, for a group above. */
  private static final int DIRECT_ABOVE = 2;

  private static final int ALLOW_OVERRIDE = 1;
  private static final int ALLOW_MULTI = 2;
  private static final int MAX_PROGRAMS = 64;

  private Attachments() {}

  /**
   * Somebody's attachment without the multi flag, here or above, shuts ours out.
   *
   * @throws BpfException naming that program
   */
  static void refuseForeign(Path cgroup) {
    for (HookProgram program : on(cgroup)) {
      if (program.sharing() != Sharing.MULTI) {
        throw new BpfException(
            "%s of cgroup %s is taken by %s, which lets nobody beside it; detach it, or narrow Thaw with --cover"
                .formatted(program.hook(), program.at(), program.owner()));
      }
    }
  }

  /**
   * The programs that run for processes of this group, and what their attachments let others do.
   *
   * @throws BpfException when the kernel does not tell
   */
  static List<HookProgram> on(Path cgroup) {
    Path here = cgroup.toAbsolutePath().normalize();
    var programs = new ArrayList<HookProgram>();
    TYPES.forEach(
        (hook, type) -> {
          var seen = new HashSet<Integer>();
          query(here, type, DIRECT, hook, seen, programs);
          for (Path at = here.getParent(); at != null && isCgroup(at); at = at.getParent()) {
            query(at, type, DIRECT_ABOVE, hook, seen, programs);
          }
          query(here, type, EFFECTIVE, hook, seen, programs);
        });
    return List.copyOf(programs);
  }

  private static boolean isCgroup(Path folder) {
    return Files.exists(folder.resolve("cgroup.procs"));
  }

  /**
   * What is in force and attached at no group that can be seen lies above this namespace's root.
   */
  private static void query(
      Path cgroup, int type, int how, String hook, Set<Integer> seen, List<HookProgram> programs) {
    int fd = LibC.open(cgroup.toString(), LibC.O_DIRECTORY_RDONLY_CLOEXEC, 0);
    if (fd < 0) {
      throw new BpfException(
          "cgroup " + cgroup + " cannot be opened: " + LibC.message(LibC.errno()));
    }
    try (var flags = new Memory(4);
        var ids = new Memory(4 * MAX_PROGRAMS);
        var count = new Memory(4)) {
      flags.clear();
      count.setInt(0, MAX_PROGRAMS);
      int result = LibBpf.bpf_prog_query(fd, type, how & EFFECTIVE, flags, ids, count);
      if (result < 0) {
        throw new BpfException(hook + " of cgroup " + cgroup + ": " + LibC.message(-result));
      }
      for (int i = 0; i < count.getInt(0); i++) {
        int id = ids.getInt(4L * i);
        if (seen.add(id)) {
          programs.add(program(hook, cgroup, id, how, flags.getInt(0)));
        }
      }
    } finally {
      LibC.close(fd);
    }
  }

  /** What may be overridden from below stands in nobody's way there. */
  private static HookProgram program(String hook, Path at, int id, int how, int flags) {
    String name = ProgramInfo.ofId(id).map(ProgramInfo::name).orElse("");
    boolean overridden = how == DIRECT_ABOVE && sharing(flags) == Sharing.OVERRIDE;
    String where =
        how == EFFECTIVE
            ? ", attached above what is visible here"
            : overridden ? ", attached above and overridden by any here" : "";
    return new HookProgram(
        hook,
        at,
        "BPF program "
            + id
            + (name.isEmpty() ? "" : " (" + name + ")")
            + Holders.of(id).map(holder -> " of " + holder).orElse("")
            + where,
        HOOKS.contains(name),
        how == EFFECTIVE || overridden ? Sharing.MULTI : sharing(flags));
  }

  private static Sharing sharing(int flags) {
    if ((flags & ALLOW_MULTI) != 0) {
      return Sharing.MULTI;
    }
    return (flags & ALLOW_OVERRIDE) != 0 ? Sharing.OVERRIDE : Sharing.EXCLUSIVE;
  }
}
