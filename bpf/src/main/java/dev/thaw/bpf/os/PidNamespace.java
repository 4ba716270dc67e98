package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** In whose count this process has its pid. Any thread. */
public final class PidNamespace {
  /** The machine's own has this number on every Linux: PROC_PID_INIT_INO of linux/proc_ns.h. */
  private static final String MACHINES = "pid:[4026531836]";

  private static final Path OURS = Path.of("/proc/self/ns/pid");

  private PidNamespace() {}

  /** Whether pids here are the kernel's own; not in a container without the host's. */
  public static boolean isMachines() {
    return isMachines(OURS);
  }

  /**
   * A number that no other has while this one lives; 0 where it cannot be read. Like the pids in
   * it, it says nothing after the machine's next start.
   */
  public static long id() {
    try {
      String link = Files.readSymbolicLink(OURS).toString();
      return Long.parseLong(link.replaceAll("[^0-9]", ""));
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** {@code link}: a link as the kernel makes it; one that cannot be read is another's. */
  static boolean isMachines(Path link) {
    try {
      return Files.readSymbolicLink(link).toString().equals(MACHINES);
    } catch (IOException e) {
      return false;
    }
  }
}
