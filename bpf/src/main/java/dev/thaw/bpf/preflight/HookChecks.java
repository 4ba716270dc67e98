package dev.thaw.bpf.preflight;

import dev.thaw.bpf.preflight.Findings.HookProgram;
import dev.thaw.bpf.preflight.Findings.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Other people's programs on our hooks, and pins that other builds have left. */
final class HookChecks {
  /** Its name: {@code thaw run} refuses to start by it. */
  static final String HOOKS = "hooks";

  private HookChecks() {}

  static List<Check> all(Findings findings) {
    var checks = new ArrayList<Check>();
    if (findings.cgroups().cgroup2().isPresent()) {
      checks.add(hooks(findings.hooks()));
    }
    checks.add(pins(findings));
    return checks;
  }

  private static Check hooks(Findings.Hooks hooks) {
    String needed = "connect and getpeername at " + hooks.cgroup() + " free or shared";
    if (!hooks.unseen().isEmpty()) {
      return Check.degraded(
          HOOKS,
          "cannot be asked: " + hooks.unseen(),
          needed,
          "whether somebody's program shuts ours out is not known",
          "run it as root, with libbpf installed");
    }
    Optional<HookProgram> exclusive =
        first(hooks, program -> program.sharing() == Sharing.EXCLUSIVE);
    if (exclusive.isPresent()) {
      return Check.unfit(
          HOOKS,
          taken(exclusive.get()),
          needed,
          "it lets nobody beside it, nor below: connects cannot be balanced",
          "detach it, or narrow Thaw with --cover to a group beside it",
          Part.BALANCING);
    }
    Optional<HookProgram> replaced = first(hooks, program -> program.sharing() == Sharing.OVERRIDE);
    if (replaced.isPresent()) {
      return Check.unfit(
          HOOKS,
          taken(replaced.get()) + ", to be overridden",
          needed,
          "ours is refused beside it",
          "attach that program with the multi flag",
          Part.BALANCING);
    }
    return Check.ok(HOOKS, shared(hooks), needed);
  }

  private static String taken(HookProgram program) {
    return "%s of cgroup %s is taken by %s"
        .formatted(program.hook(), program.at(), program.owner());
  }

  private static Optional<HookProgram> first(
      Findings.Hooks hooks, Predicate<HookProgram> predicate) {
    return hooks.programs().stream().filter(predicate).findFirst();
  }

  private static String shared(Findings.Hooks hooks) {
    if (hooks.programs().isEmpty()) {
      return "free";
    }
    String others =
        hooks.programs().stream()
            .filter(program -> !program.ours())
            .map(program -> program.hook() + ": " + program.owner())
            .collect(Collectors.joining(", "));
    return others.isEmpty()
        ? "only Thaw's own programs"
        : "shared with " + others + ", which may see or change an address first";
  }

  private static Check pins(Findings findings) {
    String needed = "pinned maps of this build's layout, or none";
    List<String> strange =
        findings.pins().entrySet().stream()
            .filter(entry -> !entry.getValue().isEmpty())
            .map(entry -> entry.getKey() + ": " + entry.getValue())
            .sorted()
            .toList();
    if (strange.isEmpty()) {
      return Check.ok(
          "pins",
          findings.pins().isEmpty() ? "none" : findings.pins().size() + " folders, all fit",
          needed);
    }
    return Check.degraded(
        "pins",
        String.join("; ", strange),
        needed,
        "a run of that name is refused",
        "end what was left with thaw run --cleanup, or remove the folder");
  }
}
