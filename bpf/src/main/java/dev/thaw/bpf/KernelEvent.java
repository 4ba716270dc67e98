package dev.thaw.bpf;

import java.net.InetSocketAddress;

/**
 * What the kernel said of a watched process.
 *
 * <p>{@code atNanos} is CLOCK_MONOTONIC; {@code pid} is the process, never a thread; {@code
 * cgroupId} is the inode of its cgroup2 directory and {@code cgroupV1Id} that of its directory in
 * the v1 cpu hierarchy, 0 without one.
 */
public sealed interface KernelEvent {
  long atNanos();

  int pid();

  long cgroupId();

  long cgroupV1Id();

  /**
   * The process runs another image from here on.
   *
   * @param startBootNanos when the process began, CLOCK_BOOTTIME; with the pid it names the process
   */
  record Exec(
      long atNanos,
      int pid,
      int parentPid,
      long cgroupId,
      long cgroupV1Id,
      long startBootNanos,
      ImageId image,
      String path)
      implements KernelEvent {}

  /** The process waits at its exec until {@link StopOnExec#goOn}, or a second. */
  record Stopped(Exec exec) implements KernelEvent {
    @Override
    public long atNanos() {
      return exec.atNanos();
    }

    @Override
    public int pid() {
      return exec.pid();
    }

    @Override
    public long cgroupId() {
      return exec.cgroupId();
    }

    @Override
    public long cgroupV1Id() {
      return exec.cgroupV1Id();
    }
  }

  /** The process ended; {@code status} as wait(2) encodes it. */
  record Exit(long atNanos, int pid, long cgroupId, long cgroupV1Id, int status)
      implements KernelEvent {
    /** It ended, and nobody knows any more with what. */
    public static final int UNKNOWN_STATUS = -1;
  }

  /** A TCP socket listens, or is about to: the kernel says so before listen(2) has returned. */
  record Listen(
      long atNanos, int pid, long cgroupId, long cgroupV1Id, InetSocketAddress address, long socket)
      implements KernelEvent {
    /** It listens, and nobody knows any more by which socket. */
    public static final long UNKNOWN_SOCKET = 0;
  }

  /** That socket, if it is known, listens no more. */
  record ListenClosed(
      long atNanos, int pid, long cgroupId, long cgroupV1Id, InetSocketAddress address, long socket)
      implements KernelEvent {}

  /** Not from the kernel: this image can get no marks, or not all, and this is why. */
  record Unmarked(long atNanos, int pid, long cgroupId, long cgroupV1Id, String path, String why)
      implements KernelEvent {}

  /** A function that runs once per start has been entered. */
  record Mark(long atNanos, int pid, long cgroupId, long cgroupV1Id, MarkKind kind)
      implements KernelEvent {}
}
