package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * An executable as the kernel runs it: inode and device of the real file, on an overlay those of
 * the layer.
 *
 * @param device as the kernel keeps it: major &lt;&lt; 20 | minor
 */
public record ImageId(long inode, long device) {

  /** What stat(2) says of a path: the kernel's own identity, but for files of an overlay. */
  static ImageId of(Path path) throws IOException {
    Map<String, Object> stat = Files.readAttributes(path, "unix:ino,dev");
    return new ImageId(number(stat, "ino"), kernelDevice(number(stat, "dev")));
  }

  private static long number(Map<String, Object> stat, String name) throws IOException {
    if (stat.get(name) instanceof Long value) {
      return value;
    }
    throw new IOException("stat told no " + name);
  }

  /** From the C library's wider form, which scatters the bits of both numbers. */
  static long kernelDevice(long dev) {
    long major = dev >>> 8 & 0xfff | dev >>> 32 & 0xfffff000L;
    long minor = dev & 0xff | dev >>> 12 & 0xffffff00L;
    return major << 20 | minor;
  }
}
