package dev.thaw.bpf;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What libbpf has said about a refusal.
 *
 * @param brief the line that says most, for a sentence; empty when none says more than the error
 *     number does
 * @param whole every line but those that mislead, such as a verifier's log
 */
record Complaint(String brief, String whole) {
  private static final String PREFIX = "libbpf: ";

  /** Advice on a limit that kernels since 5.11 do not have. */
  private static final Pattern MISLEADING = Pattern.compile("(?i)RLIMIT_MEMLOCK|ulimit");

  /** Lines that repeat the refusal, or only frame a log. */
  private static final Predicate<String> SAYS_LITTLE =
      Pattern.compile(
              "failed to load object|PROG LOAD LOG|bpf_object__probe_loading|failed to load:")
          .asPredicate();

  static Complaint of(List<String> said) {
    List<String> lines =
        said.stream()
            .map(line -> line.startsWith(PREFIX) ? line.substring(PREFIX.length()) : line)
            .map(String::strip)
            .filter(MISLEADING.asPredicate().negate())
            .toList();
    String brief =
        lines.stream()
            .filter(SAYS_LITTLE.negate())
            .map(line -> line.lines().findFirst().orElse(""))
            .filter(line -> !line.isEmpty())
            .findFirst()
            .orElse("");
    return new Complaint(brief, String.join("\n", lines));
  }
}
