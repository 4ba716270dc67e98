package dev.thaw.bpf;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;

/**
 * An executable as the kernel runs it: inode and device of the real file, on an overlay those of
 * the layer.
 *
 * @param device as the kernel keeps it: major &lt;&lt; 20 | minor
 */
public record ImageId(long inode, long device) {

  /** What stat(2) says of a file: the kernel's own identity, but for files of an overlay. */
  static ImageId of(HeldFile file) throws IOException {
    HeldFile.Version version = file.version();
    return new ImageId(version.inode(), kernelDevice(version.device()));
  }

  /** From the C library's wider form, which scatters the bits of both numbers. */
  static long kernelDevice(long dev) {
    long major = dev >>> 8 & 0xfff | dev >>> 32 & 0xfffff000L;
    long minor = dev & 0xff | dev >>> 12 & 0xffffff00L;
    return major << 20 | minor;
  }
}
