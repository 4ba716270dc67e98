package dev.thaw.bpf.preflight;

import dev.thaw.bpf.preflight.Findings.Dialled;
import dev.thaw.bpf.preflight.Findings.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What only loading shows; without it there are no such checks. */
final class LoadChecks {
  /** What an object is for, and whether traffic is steered and starts are seen without it. */
  private record Use(Part part, boolean optional, String consequence) {}

  private static final Map<String, Use> USES =
      Map.of(
          "startup", new Use(Part.SIGNALS, false, "starts are not seen"),
          "balance", new Use(Part.BALANCING, false, "connects are not balanced"),
          "pressure", new Use(Part.PRESSURE, true, "retransmits or block latency are not counted"),
          "profile", new Use(Part.TRACE, true, "thaw trace has no stacks and steps"),
          "stop", new Use(Part.FIRST_START, true, "--first-start stop does not stop"));

  private LoadChecks() {}

  static List<Check> all(Findings findings) {
    if (findings.load().isEmpty()) {
      return List.of();
    }
    Findings.Load load = findings.load().get();
    var checks = new ArrayList<Check>();
    checks.add(objects(load).with(load.detail()));
    if (load.objects().containsValue("")) {
      checks.add(layouts(load));
    }
    if (findings.cgroups().cgroup2().isPresent()) {
      checks.add(canary(load.canary(), findings.hooks()));
    }
    return checks;
  }

  private static Check objects(Findings.Load load) {
    String needed = "our programs relocated, verified and loaded";
    List<Use> lost =
        load.objects().entrySet().stream()
            .filter(each -> !each.getValue().isEmpty())
            .map(each -> USES.get(each.getKey()))
            .sorted(Comparator.comparing(Use::part))
            .toList();
    if (lost.isEmpty()) {
      return Check.ok("load", String.join(", ", new TreeSet<>(load.objects().keySet())), needed);
    }
    String consequence = lost.stream().map(Use::consequence).collect(Collectors.joining("; "));
    String cure =
        "cure the checks above; if all are well, report this kernel with what --json says";
    Part[] off = lost.stream().map(Use::part).toArray(Part[]::new);
    return lost.stream().allMatch(Use::optional)
        ? Check.degraded("load", refusals(load.objects()), needed, consequence, cure, off)
        : Check.unfit("load", refusals(load.objects()), needed, consequence, cure, off);
  }

  /** Objects that were refused for the same reason are named together. */
  private static String refusals(Map<String, String> objects) {
    var byReason = new TreeMap<String, TreeSet<String>>();
    objects.forEach(
        (object, why) -> {
          if (!why.isEmpty()) {
            byReason.computeIfAbsent(why, unused -> new TreeSet<>()).add(object);
          }
        });
    return byReason.entrySet().stream()
        .map(each -> String.join(", ", each.getValue()) + ": " + each.getKey())
        .collect(Collectors.joining("; "));
  }

  private static Check layouts(Findings.Load load) {
    String needed = "maps laid out as this program reads them";
    return load.layouts().isEmpty()
        ? Check.ok("map-layout", "as expected", needed)
        : Check.unfit(
            "map-layout",
            String.join("; ", load.layouts()),
            needed,
            "what the kernel writes would be misread",
            "build programs and objects together: make build",
            Part.SIGNALS,
            Part.BALANCING);
  }

  private static Check canary(Findings.Canary canary, Findings.Hooks hooks) {
    String needed = "a connect from a covered group taken to our backend";
    if (!canary.untried().isEmpty() || !canary.loopback()) {
      return Check.unfit(
          "canary",
          canary.loopback()
              ? "could not be tried: " + canary.untried()
              : "could not be tried: loopback is down",
          needed,
          "whether our hooks are in force is not known",
          canary.loopback() ? "cure the checks above" : "ip link set lo up",
          Part.BALANCING);
    }
    var failed = new TreeMap<>(canary.results());
    failed.values().removeIf(dialled -> dialled.outcome() == Outcome.ARRIVED);
    if (failed.isEmpty()) {
      return Check.ok(
          "canary",
          String.join(", ", new TreeSet<>(canary.results().keySet())) + " in force",
          needed);
    }
    String others = others(hooks, failed);
    String found =
        failed.entrySet().stream()
            .map(each -> each.getKey() + ": " + each.getValue().words())
            .collect(Collectors.joining("; "));
    if (isAny(failed, Outcome.DENIED)) {
      return Check.unfit(
          "canary",
          found,
          needed,
          others.isEmpty()
              ? "connects are refused, by a program or a security module that does not show here"
              : "connects are refused by " + others,
          "end that, or have it let %s pass".formatted(text(canary)),
          Part.BALANCING);
    } else if (isAny(failed, Outcome.ELSEWHERE)) {
      return Check.unfit(
          "canary",
          found,
          needed,
          "our hooks are attached and yet not in force",
          others.isEmpty()
              ? "report this kernel with what --json says"
              : "look at " + others + ", which may change the address first",
          Part.BALANCING);
    }
    return Check.unfit(
        "canary",
        found,
        needed,
        "our backend on loopback cannot be reached",
        "see what is in the way on loopback: routes and packet filters for 127.0.0.1",
        Part.BALANCING);
  }

  private static boolean isAny(Map<String, Dialled> failed, Outcome outcome) {
    return failed.values().stream().anyMatch(dialled -> dialled.outcome() == outcome);
  }

  private static String text(Findings.Canary canary) {
    return canary.address().getAddress().getHostAddress() + ":" + canary.address().getPort();
  }

  /** Whose programs share the hooks that failed. */
  private static String others(Findings.Hooks hooks, Map<String, Dialled> failed) {
    return hooks.programs().stream()
        .filter(program -> !program.ours() && failed.containsKey(program.hook()))
        .map(program -> "%s on %s of %s".formatted(program.owner(), program.hook(), program.at()))
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
