package dev.thaw.bpf.os;

import com.sun.jna.Memory;
import java.nio.file.Path;

/**
 * What kind of file system is to be seen at a path, whatever else is mounted beneath it. Any
 * thread.
 */
public enum FileSystemType {
  CGROUP2(0x63677270L),
  BPF(0xcafe4a11L),
  SECURITY(0x73636673L),
  PROC(0x9fa0L);

  /** {@code struct statfs} on 64-bit machines; its kind comes first. */
  private static final int SIZE = 120;

  private final long magic;

  FileSystemType(long magic) {
    this.magic = magic;
  }

  /** Whether this is the kind at {@code path}; not where that cannot be looked at. */
  public boolean isAt(Path path) {
    try (var status = new Memory(SIZE)) {
      return LibC.statfs(path.toString(), status) == 0
          && Integer.toUnsignedLong(status.getInt(0)) == magic;
    }
  }
}
