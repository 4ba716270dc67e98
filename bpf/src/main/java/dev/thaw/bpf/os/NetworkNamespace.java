package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The network namespace of a process, by its identity: a pid that has become another's is noticed.
 * Holds nothing open, so that a namespace ends with its pod.
 *
 * @param pid through which it is reached
 * @param id as the kernel writes it, such as {@code net:[4026531840]}
 */
public record NetworkNamespace(int pid, String id) {
  private static final Path OURS = Path.of("/proc/thread-self/ns/net");

  /** The namespace of this process, if it can be seen and is another than ours. */
  public static Optional<NetworkNamespace> otherOf(int pid) {
    try {
      String ours = Files.readSymbolicLink(OURS).toString();
      String theirs = Files.readSymbolicLink(path(pid)).toString();
      return ours.equals(theirs)
          ? Optional.empty()
          : Optional.of(new NetworkNamespace(pid, theirs));
    } catch (IOException e) {
      return Optional.empty(); // it has ended, or we may not look
    }
  }

  private static Path path(int pid) {
    return Path.of("/proc/" + pid + "/ns/net");
  }

  /**
   * A descriptor of it, the caller's to close.
   *
   * @throws IOException when the process has ended, or has another namespace by now
   */
  int open() throws IOException {
    int fd = open(path(pid));
    if (!Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString().equals(id)) {
      LibC.close(fd);
      throw new IOException("process " + pid + " has left the network namespace " + id);
    }
    return fd;
  }

  /** A descriptor of this thread's, the caller's to close. */
  static int openOurs() throws IOException {
    return open(OURS);
  }

  private static int open(Path path) throws IOException {
    int fd = LibC.open(path.toString(), LibC.O_RDONLY_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException(path + ": " + LibC.message(LibC.errno()));
    }
    return fd;
  }
}
