package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What the kernel tells of a loaded program, {@code struct bpf_prog_info}.
 *
 * @param name its first 15 letters
 * @param runNanos time spent in it while run times were counted
 * @param runs how often it ran meanwhile
 */
record ProgramInfo(String name, long runNanos, long runs) {
  private static final int SIZE = 208;

  /** Of a program's descriptor; empty where the kernel does not tell. */
  static Optional<ProgramInfo> of(int fd) {
    try (var info = new Memory(SIZE);
        var length = new Memory(4)) {
      info.clear();
      length.setInt(0, SIZE);
      if (LibBpf.bpf_obj_get_info_by_fd(fd, info, length) < 0) {
        return Optional.empty();
      }
      String name =
          StandardCharsets.UTF_8.decode(ByteBuffer.wrap(info.getByteArray(64, 16))).toString();
      return Optional.of(
          new ProgramInfo(
              name.substring(0, Math.max(0, name.indexOf('\0'))),
              info.getLong(192),
              info.getLong(200)));
    }
  }

  /** Of a program's number; empty when there is none, or the kernel does not tell. */
  static Optional<ProgramInfo> ofId(int id) {
    int fd = LibBpf.bpf_prog_get_fd_by_id(id);
    if (fd < 0) {
      return Optional.empty();
    }
    try {
      return of(fd);
    } finally {
      LibC.close(fd);
    }
  }
}
