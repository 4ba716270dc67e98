package dev.thaw.config;

import java.util.List;
import java.util.Optional;

/**
 * What came of reading a policy: the policy, or everything that is wrong with it.
 *
 * @param policy present exactly if there are no problems
 * @param problems in the order of the text
 * @param files those that the text names where nothing is wrong; not yet opened
 */
public record PolicyReading(
    Optional<WarmupPolicy> policy, List<Problem> problems, List<NamedFile> files) {
  public PolicyReading {
    problems = List.copyOf(problems);
    files = List.copyOf(files);
    if (policy.isPresent() != problems.isEmpty()) {
      throw new IllegalArgumentException("a reading is a policy or problems, not both or neither");
    }
  }
}
