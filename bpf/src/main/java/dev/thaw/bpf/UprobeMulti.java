package dev.thaw.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.thaw.bpf.os.LibC;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One link for many probes of one file (Linux 6.6): closing it costs once what each single probe
 * would. libbpf 1.1 does not know it yet, so the system call is made here.
 */
final class UprobeMulti {
  /** {@code BPF_TRACE_UPROBE_MULTI}. */
  static final int ATTACH_TYPE = 48;

  private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");
  private static final int BPF = ARM64 ? 280 : 321;
  private static final int LINK_CREATE = 28;

  private UprobeMulti() {}

  /**
   * Probes these offsets; the first has {@code firstCookie}, the others follow.
   *
   * @return a descriptor; closing it takes the probes away
   */
  static int attach(int program, Path file, long[] offsets, long firstCookie) {
    byte[] name = file.toString().getBytes(StandardCharsets.UTF_8);
    try (var path = new Memory(name.length + 1L);
        var places = new Memory(8L * offsets.length);
        var cookies = new Memory(8L * offsets.length);
        var attributes = new Memory(64)) {
      path.write(0, name, 0, name.length);
      path.setByte(name.length, (byte) 0);
      places.write(0, offsets, 0, offsets.length);
      for (int i = 0; i < offsets.length; i++) {
        cookies.setLong(8L * i, firstCookie + i);
      }
      attributes.clear();
      attributes.setInt(0, program);
      attributes.setInt(8, ATTACH_TYPE);
      attributes.setPointer(16, path);
      attributes.setPointer(24, places);
      attributes.setPointer(40, cookies);
      attributes.setInt(48, offsets.length);
      long fd = LibC.syscall(BPF, LINK_CREATE, Pointer.nativeValue(attributes), 64, 0, 0);
      if (fd < 0) {
        throw new BpfException(
            "steps of %s cannot be attached: %s"
                .formatted(file, LibC.message(Native.getLastError())));
      }
      return (int) fd;
    }
  }
}
