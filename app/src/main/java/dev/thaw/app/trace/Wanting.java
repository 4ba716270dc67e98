package dev.thaw.app.trace;

import dev.thaw.app.Refusal;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.preflight.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a trace goes without on this machine, in its own words: those of preflight are of replicas.
 */
final class Wanting {
  /** Checks that fail for want of rights; with them, nobody hears of these. */
  private static final Set<String> WITH_RIGHTS =
      Set.of("capabilities", "bpffs", "own-groups", "perf-events");

  private Wanting() {}

  /** A line for each thing that is off: what, why, and what brings it back. */
  static List<String> lines(BpfSupport support) {
    var lines = new ArrayList<String>();
    support
        .rights()
        .ifPresent(
            rights ->
                lines.add(
                    "steps before it listens, stacks, waits for a processor, limits: %s; %s"
                        .formatted(rights.found(), rights.cure())));
    lines.addAll(others(support));
    return lines;
  }

  /** Why no steps are seen, in few words; the lines have said the rest. */
  static String steps(BpfSupport support) {
    var wanting = new ArrayList<String>();
    support.rights().ifPresent(rights -> wanting.add("rights (" + rights.cure() + ")"));
    others(support).stream().map(Wanting::name).distinct().forEach(wanting::add);
    return "for want of " + String.join(", ", wanting);
  }

  /** The answer to who asks for a limit where none can be set. */
  static Refusal noLimits(String option, BpfSupport support) {
    return Refusal.usage(
        "%s: no control group can be made here to limit by (%s)"
            .formatted(
                option, support.rights().map(Check::cure).orElse("thaw preflight tells the cure")));
  }

  private static List<String> others(BpfSupport support) {
    return support.missing().stream()
        .filter(line -> support.rights().isEmpty() || !WITH_RIGHTS.contains(name(line)))
        .toList();
  }

  private static String name(String line) {
    return line.split(":", 2)[0];
  }
}
