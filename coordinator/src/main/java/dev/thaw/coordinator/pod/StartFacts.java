package dev.thaw.coordinator.pod;

import dev.thaw.config.StartId;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.protocol.v1.SetProbing;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of a pod's present process.
 *
 * @param execNanos the node's monotonic clock when it was started
 * @param deadline the coordinator's monotonic clock: when it must be confirmed; empty once it was,
 *     or once the deadline has been called
 * @param listened where it listens and has listened
 * @param probed the last streak the probe reported
 * @param lastError what the probe said when it failed last; empty when it never did
 * @param warmup how the warm-up requests ended
 * @param neverServed the deadline has passed, and this is what was told
 * @param cadence what this coordinator has told the node last; empty: nothing, and the node may
 *     still go by what an earlier one had said
 * @param announced what people have been told of, so that a repeated report is silent
 */
public record StartFacts(
    StartId start,
    int pid,
    long execNanos,
    OptionalLong deadline,
    Listened listened,
    Optional<Fact.Probed> probed,
    String lastError,
    Optional<Fact.WarmupEnded> warmup,
    Optional<Fact.NeverServed> neverServed,
    Optional<SetProbing.Phase> cadence,
    Announced announced) {

  static StartFacts of(StartId start, int pid, long execNanos, long deadline, String takenBy) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        OptionalLong.of(deadline),
        Listened.nowhere(takenBy),
        Optional.empty(),
        "",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Announced.NOTHING);
  }

  StartFacts listened(Listened now) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        deadline,
        now,
        probed,
        lastError,
        warmup,
        neverServed,
        cadence,
        announced);
  }

  StartFacts probed(Fact.Probed now) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        deadline,
        listened,
        Optional.of(now),
        now.failuresInRow() > 0 ? now.detail() : lastError,
        warmup,
        neverServed,
        cadence,
        announced);
  }

  StartFacts warmed(Optional<Fact.WarmupEnded> now) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        deadline,
        listened,
        probed,
        lastError,
        now,
        neverServed,
        cadence,
        announced);
  }

  /** Whether it was confirmed, as far as this coordinator has seen it or been told. */
  boolean hasServed() {
    return deadline.isEmpty() && neverServed.isEmpty();
  }

  /** It has served: its deadline and what was said of it are void. */
  StartFacts served() {
    return new StartFacts(
        start,
        pid,
        execNanos,
        OptionalLong.empty(),
        listened,
        probed,
        lastError,
        warmup,
        Optional.empty(),
        cadence,
        announced);
  }

  StartFacts late(Fact.NeverServed told) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        OptionalLong.empty(),
        listened,
        probed,
        lastError,
        warmup,
        Optional.of(told),
        cadence,
        announced);
  }

  StartFacts cadence(SetProbing.Phase now) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        deadline,
        listened,
        probed,
        lastError,
        warmup,
        neverServed,
        Optional.of(now),
        announced);
  }

  /** People are told of an event of this moment, on the node's clock. */
  StartFacts announced(String event, long atNanos) {
    return new StartFacts(
        start,
        pid,
        execNanos,
        deadline,
        listened,
        probed,
        lastError,
        warmup,
        neverServed,
        cadence,
        announced.and(event, atNanos));
  }
}
