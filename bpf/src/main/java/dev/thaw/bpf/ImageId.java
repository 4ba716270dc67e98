package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An executable as the kernel runs it: inode and device of the real file, on an overlay those of
 * the layer.
 *
 * @param device as the kernel keeps it: major &lt;&lt; 20 | minor
 */
public record ImageId(long inode, long device) {

  /** What stat(2) says of a path: the kernel's own identity, but for files of an overlay. */
  static ImageId of(Path path) throws IOException {
    return new ImageId(number(path, "unix:ino"), kernelDevice(number(path, "unix:dev")));
  }

  private static long number(Path path, String attribute) throws IOException {
    return ((Number) Files.getAttribute(path, attribute)).longValue();
  }

  /** From the C library's wider form, which scatters the bits of both numbers. */
  static long kernelDevice(long dev) {
    long major = dev >>> 8 & 0xfff | dev >>> 32 & 0xfffff000L;
    long minor = dev & 0xff | dev >>> 12 & 0xffffff00L;
    return major << 20 | minor;
  }
}
