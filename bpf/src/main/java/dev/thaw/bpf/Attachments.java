package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who else sits on the cgroup hooks that balancing needs. */
final class Attachments {
  /** Our programs on the hooks. */
  static final List<String> HOOKS =
      List.of("on_connect4", "on_connect6", "on_getpeername4", "on_getpeername6");

  /** {@code enum bpf_attach_type}, Linux 5.8. */
  private static final Map<String, Integer> TYPES =
      Map.of("connect4", 10, "connect6", 11, "getpeername4", 29, "getpeername6", 30);

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
    Path here = cgroup.toAbsolutePath().normalize();
    TYPES.forEach((hook, type) -> refuseForeign(here, hook, type));
  }

  /** As the kernel does: from here upwards, until somebody says what may be below him. */
  private static void refuseForeign(Path here, String hook, int type) {
    for (Path at = here; at != null && isCgroup(at); at = at.getParent()) {
      Optional<Attached> attached = attached(at, type);
      if (attached.isEmpty()) {
        continue;
      } else if ((attached.get().flags() & ALLOW_MULTI) != 0) {
        return;
      } else if (at.equals(here) || (attached.get().flags() & ALLOW_OVERRIDE) == 0) {
        throw new BpfException(
            "%s of cgroup %s is taken by %s, which lets nobody beside it; detach it, or narrow Thaw with --cover"
                .formatted(hook, at, describe(attached.get().program())));
      }
      return;
    }
  }

  private static boolean isCgroup(Path folder) {
    return Files.exists(folder.resolve("cgroup.procs"));
  }

  /** What is attached to a hook of one group itself; {@code program} is the first of them. */
  private record Attached(int program, int flags) {}

  private static Optional<Attached> attached(Path cgroup, int type) {
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
      int result = LibBpf.bpf_prog_query(fd, type, 0, flags, ids, count);
      return result == 0 && count.getInt(0) > 0
          ? Optional.of(new Attached(ids.getInt(0), flags.getInt(0)))
          : Optional.empty();
    } finally {
      LibC.close(fd);
    }
  }

  /** A program by id and, where the kernel tells, by name. */
  private static String describe(int id) {
    int fd = LibBpf.bpf_prog_get_fd_by_id(id);
    if (fd < 0) {
      return "BPF program " + id;
    }
    try (var info = new Memory(128);
        var length = new Memory(4)) {
      info.clear();
      length.setInt(0, (int) info.size());
      if (LibBpf.bpf_obj_get_info_by_fd(fd, info, length) < 0) {
        return "BPF program " + id;
      }
      String name =
          StandardCharsets.UTF_8.decode(ByteBuffer.wrap(info.getByteArray(64, 16))).toString();
      return "BPF program %d (%s)"
          .formatted(id, name.substring(0, Math.max(0, name.indexOf('\0'))));
    } finally {
      LibC.close(fd);
    }
  }
}
