package dev.thaw.coordinator.workload;

/**
 * A pod's connections so far, summed over the tables in which the kernel counted them afresh.
 *
 * @param version the table whose counts were added last
 * @param seen what that table had counted when it was read last
 * @param seenFailures likewise, connections that failed
 */
public record Tally(long version, long seen, long seenFailures, long picks, long failures) {

  static final Tally NONE = new Tally(0, 0, 0, 0, 0);

  /** Takes in a total; one that has gone down without a new table is ignored. */
  Tally counted(long tableVersion, long total, long totalFailures) {
    long before = tableVersion == version ? seen : 0;
    long failedBefore = tableVersion == version ? seenFailures : 0;
    if (total < before || totalFailures < failedBefore) {
      return this;
    }
    return new Tally(
        tableVersion,
        total,
        totalFailures,
        picks + total - before,
        failures + totalFailures - failedBefore);
  }
}
