package dev.thaw.bpf.preflight;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All checks of one machine.
 *
 * @param checks in the order in which a kernel builds on itself
 */
public record Preflight(List<Check> checks) {

  public Preflight {
    checks = List.copyOf(checks);
  }

  /** Judges what was found. */
  public static Preflight judge(Findings findings) {
    return new Preflight(
        Stream.of(
                KernelChecks.all(findings),
                CgroupChecks.all(findings),
                HookChecks.all(findings),
                LoadChecks.all(findings))
            .flatMap(List::stream)
            .toList());
  }

  /** The worst of all. */
  public Verdict verdict() {
    return checks.stream().map(Check::verdict).max(Comparator.naturalOrder()).orElse(Verdict.OK);
  }

  /** Whether no check takes this part away. */
  public boolean allows(Part part) {
    return checks.stream().noneMatch(check -> check.off().contains(part));
  }

  /** The check that says whose program shuts ours out of the hooks, if any does. */
  public Optional<Check> foreign() {
    return checks.stream()
        .filter(check -> check.name().equals(HookChecks.HOOKS))
        .filter(check -> check.verdict() == Verdict.UNFIT)
        .findFirst();
  }

  /** The check that says which rights this process lacks, if it lacks any. */
  public Optional<Check> rights() {
    return checks.stream()
        .filter(check -> check.name().equals(KernelChecks.RIGHTS))
        .filter(check -> check.verdict() == Verdict.UNFIT)
        .findFirst();
  }

  /** Those that did not come out well, worst first. */
  public List<Check> failed() {
    return checks.stream()
        .filter(check -> check.verdict().exitCode() > 0)
        .sorted(Comparator.comparing(Check::verdict).reversed())
        .toList();
  }

  /** A sentence that says all to who reads no further. */
  public String closing() {
    List<Check> failed = failed();
    List<String> unknown =
        checks.stream()
            .filter(check -> check.verdict() == Verdict.UNKNOWN)
            .map(Check::name)
            .toList();
    if (failed.isEmpty()) {
      return unknown.isEmpty()
          ? "fit: all %d checks are well".formatted(checks.size())
          : "fit: %d of %d checks are well, none failed; not known: %s"
              .formatted(checks.size() - unknown.size(), checks.size(), String.join(", ", unknown));
    }
    Check worst = failed.get(0);
    return "%s: %d of %d checks failed; begin with %s: %s"
        .formatted(verdict().ofMachine(), failed.size(), checks.size(), worst.name(), worst.cure());
  }
}
