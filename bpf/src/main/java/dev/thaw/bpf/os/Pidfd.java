package dev.thaw.bpf.os;

import com.sun.jna.Memory;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A process by descriptor: what is done to it can never hit another process that got its pid. Needs
 * Linux 5.3. Any thread; {@link #awaitExit} blocks.
 */
public final class Pidfd implements AutoCloseable {
  private static final int PIDFD_SEND_SIGNAL = 424;
  private static final int PIDFD_OPEN = 434;
  private static final short POLLIN = 1;

  private final int pid;
  private final int fd;

  private Pidfd(int pid, int fd) {
    this.pid = pid;
    this.fd = fd;
  }

  /**
   * The process of this pid that began at these ticks; empty when it is gone, or the pid is
   * another's by now.
   */
  public static Optional<Pidfd> open(int pid, long startTicks) {
    int fd = (int) LibC.syscall(PIDFD_OPEN, pid, 0, 0, 0);
    if (fd < 0) {
      return Optional.empty();
    }
    OptionalLong now =
        ProcStat.startTicks(pid); // read after opening: it speaks of the process that fd holds
    if (now.isEmpty() || now.getAsLong() != startTicks) {
      LibC.close(fd);
      return Optional.empty();
    }
    return Optional.of(new Pidfd(pid, fd));
  }

  public int pid() {
    return pid;
  }

  /** Sends a signal; false when the process is gone. */
  public boolean signal(int signal) {
    return LibC.syscall(PIDFD_SEND_SIGNAL, fd, signal, 0, 0) == 0;
  }

  /** Waits until the process has ended, at most so long; false when it has not. */
  public boolean awaitExit(Duration atMost) {
    try (var poll = new Memory(8)) {
      poll.setInt(0, fd);
      poll.setShort(4, POLLIN);
      poll.setShort(6, (short) 0);
      return LibC.poll(poll, 1, (int) Math.min(Integer.MAX_VALUE, atMost.toMillis())) > 0;
    }
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
