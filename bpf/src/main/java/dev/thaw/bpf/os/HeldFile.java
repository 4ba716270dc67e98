package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A regular file that was opened once and stays the same one, whatever its name comes to mean:
 * {@code /proc/PID/exe} is another file as soon as the process becomes another program. Any thread.
 */
public final class HeldFile implements AutoCloseable {
  private final int fd;

  private HeldFile(int fd) {
    this.fd = fd;
  }

  /**
   * Which file this is, and in which version: it has another once it was written to or its rights
   * were changed.
   *
   * @param device as stat(2) tells it
   * @param changedNanos its ctime, since 1970
   */
  public record Version(long inode, long device, long changedNanos, long size) {}

  /**
   * Holds a file. Only its place is opened, not the file: a pipe would wait for who writes to it,
   * and a device may do something.
   *
   * @throws IOException when there is none or it is no regular file, with the reason
   */
  public static HeldFile open(Path file) throws IOException {
    int fd = LibC.open(file.toString(), LibC.O_PATH_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException(file + ": " + LibC.message(LibC.errno()));
    }
    var held = new HeldFile(fd);
    if (!Files.isRegularFile(held.path())) {
      held.close();
      throw new IOException(file + ": it is no regular file");
    }
    return held;
  }

  /** A path to this very file, for this process. */
  public Path path() {
    return Path.of("/proc/self/fd/" + fd);
  }

  /** As the file is now. */
  public Version version() throws IOException {
    Map<String, Object> stat = Files.readAttributes(path(), "unix:ino,dev,ctime,size");
    var changed = (FileTime) Objects.requireNonNull(stat.get("ctime"));
    return new Version(
        number(stat, "ino"),
        number(stat, "dev"),
        changed.to(TimeUnit.NANOSECONDS),
        number(stat, "size"));
  }

  private static long number(Map<String, Object> stat, String name) {
    return ((Number) Objects.requireNonNull(stat.get(name))).longValue();
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
