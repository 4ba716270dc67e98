package dev.thaw.bpf.os;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The C library's calls that this module needs, by direct mapping. Internal to the module. Any
 * thread.
 */
public final class LibC {
  /** {@code open(2)}: read only, a directory, closed on exec. */
  public static final int O_DIRECTORY_RDONLY_CLOEXEC = 0x90000;

  static final int O_RDONLY_CLOEXEC = 0x80000;

  /** Of a file's place, through which the file itself can be opened by /proc. */
  static final int O_PATH_CLOEXEC = 0x280000;

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EEXIST = 17;
  public static final int EROFS = 30;

  /** Asks a process to end. */
  public static final int SIGTERM = 15;

  /** Ends it. */
  public static final int SIGKILL = 9;

  static {
    Native.register(LibC.class, NativeLibrary.getInstance("c"));
  }

  private LibC() {}

  public static native int open(String path, int flags, int mode);

  public static native int close(int fd);

  /** {@code access(2)}; mode 2 asks for writing. */
  public static native int access(String path, int mode);

  static native int statfs(String path, Pointer status);

  static native int socket(int family, int type, int protocol);

  static native int connect(int socket, Pointer address, int length);

  static native int getpeername(int socket, Pointer address, Pointer length);

  public static native int vsnprintf(Pointer buffer, long size, String format, Pointer arguments);

  public static native int mount(
      String source, String target, String type, long flags, @Nullable Pointer data);

  public static native int umount(String target);

  public static native int kill(int pid, int signal);

  static native int poll(Pointer fds, long count, int timeoutMillis);

  static native int setns(int fd, int type);

  static native int clock_gettime(int clock, Pointer timespec);

  static native long syscall(long number, long a, long b, long c, long d);

  public static native long syscall(long number, long a, long b, long c, long d, long e);

  /** The last call's error number on this thread. */
  public static int errno() {
    return Native.getLastError();
  }

  /** An error number as people know it, such as {@code Operation not permitted (1)}. */
  public static String message(int errno) {
    return strerror(errno) + " (" + errno + ")";
  }

  private static native String strerror(int errno);
}
