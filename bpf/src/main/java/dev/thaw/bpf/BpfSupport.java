package dev.thaw.bpf;

import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Part;
import dev.thaw.bpf.preflight.Preflight;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What this machine and this process's rights allow, by the same checks as {@code thaw preflight}.
 *
 * @param signals kernel events of starts
 * @param balancing the in-kernel table
 * @param limits control groups with a CPU limit
 * @param rights which of them this process lacks, and how to have them; empty where it has all
 * @param foreign whose program shuts ours out of the hooks, and what to do about it
 * @param missing a sentence for each thing that is off: why, and what brings it back
 */
public record BpfSupport(
    boolean signals,
    boolean balancing,
    boolean limits,
    Optional<Check> rights,
    Optional<String> foreign,
    List<String> missing) {

  /**
   * Looks, without loading anything into the kernel.
   *
   * @param cover the cgroup2 folder to balance in; empty: the root
   */
  public static BpfSupport check(Optional<Path> cover) {
    return of(Preflight.judge(Machine.look(cover)));
  }

  static BpfSupport of(Preflight preflight) {
    return new BpfSupport(
        preflight.allows(Part.SIGNALS),
        preflight.allows(Part.BALANCING),
        preflight.allows(Part.LIMITS),
        preflight.rights(),
        preflight.foreign().map(Check::sentence),
        preflight.failed().stream()
            .filter(check -> !check.off().isEmpty())
            .map(Check::sentence)
            .toList());
  }
}
