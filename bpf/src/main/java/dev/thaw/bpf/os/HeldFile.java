package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;

/**
 * A file that was opened once and stays the same one, whatever its name comes to mean: {@code
 * /proc/PID/exe} is another file as soon as the process becomes another program. Any thread.
 */
public final class HeldFile implements AutoCloseable {
  private final int fd;

  private HeldFile(int fd) {
    this.fd = fd;
  }

  /**
   * Opens a file for reading.
   *
   * @throws IOException when it cannot be opened, with the reason
   */
  public static HeldFile open(Path file) throws IOException {
    int fd = LibC.open(file.toString(), LibC.O_RDONLY_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException(file + ": " + LibC.message(LibC.errno()));
    }
    return new HeldFile(fd);
  }

  /** A path to this very file, for this process. */
  public Path path() {
    return Path.of("/proc/self/fd/" + fd);
  }

  /** When its content or its rights were changed last, in nanoseconds since 1970. */
  public long changedNanos() throws IOException {
    return ((FileTime) Files.getAttribute(path(), "unix:ctime")).to(TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
