package dev.thaw.bpf.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What only loading shows; without it there are no such checks. */
final class LoadChecks {
  private LoadChecks() {}

  static List<Check> all(Findings findings) {
    if (findings.load().isEmpty()) {
      return List.of();
    }
    Findings.Load load = findings.load().get();
    var checks = new ArrayList<Check>();
    checks.add(objects(load));
    if (load.objects().containsValue("")) {
      checks.add(layouts(load));
    }
    if (findings.cgroups().cgroup2().isPresent()) {
      checks.add(canary(load.canary()));
    }
    return checks;
  }

  private static Check objects(Findings.Load load) {
    String needed = "our programs relocated, verified and loaded";
    String refused = failures(load.objects());
    if (refused.isEmpty()) {
      return Check.ok(
          "load",
          load.objects().keySet().stream().sorted().collect(Collectors.joining(", ")),
          needed);
    }
    return load.objects().entrySet().stream()
            .allMatch(each -> each.getValue().isEmpty() || each.getKey().equals("pressure"))
        ? Check.degraded(
            "load",
            refused,
            needed,
            "retransmits and block latency are not counted",
            "report this kernel with this text",
            Part.PRESSURE)
        : Check.unfit(
            "load",
            refused,
            needed,
            "what these programs do is off",
            "cure the checks above; if all are well, report this kernel with this text",
            Part.SIGNALS,
            Part.BALANCING);
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

  private static Check canary(Findings.Canary canary) {
    String needed = "a connect from a covered group taken to our backend";
    if (!canary.untried().isEmpty()) {
      return Check.unfit(
          "canary",
          "could not be tried: " + canary.untried(),
          needed,
          "whether our hooks are in force is not known",
          "cure the checks above",
          Part.BALANCING);
    }
    String failed = failures(canary.results());
    return failed.isEmpty()
        ? Check.ok(
            "canary",
            canary.results().keySet().stream().sorted().collect(Collectors.joining(", "))
                + " in force",
            needed)
        : Check.unfit(
            "canary",
            failed,
            needed,
            "our hooks are attached and yet not in force",
            "look for a program on a group below that changes the address first",
            Part.BALANCING);
  }

  private static String failures(Map<String, String> results) {
    return results.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .sorted()
        .collect(Collectors.joining("; "));
  }
}
