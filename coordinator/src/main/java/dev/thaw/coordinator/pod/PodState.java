package dev.thaw.coordinator.pod;

import dev.thaw.coordinator.workload.Phase;
import java.util.Optional;

/** Where a pod is in its life, as far as its node and its workload have said; in memory only. */
public sealed interface PodState {

  /** The present process, or the last one. */
  default Optional<StartFacts> facts() {
    return Optional.empty();
  }

  /** A pod that nobody has said anything about yet. */
  static PodState unknown() {
    return new Appeared("", Optional.empty());
  }

  /**
   * Known, without a process.
   *
   * @param trouble why it could not be started; empty when nobody has tried
   * @param assigned what the workload said before the node had told of the process
   */
  record Appeared(String trouble, Optional<PodInput.Assigned> assigned) implements PodState {}

  /** A process runs; it does not listen where it should. */
  record Started(StartFacts start) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** Its probe has to succeed often enough in a row. */
  record Confirming(StartFacts start) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** It has, and the workload has been told. */
  record Confirmed(StartFacts start) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** Its warm-up requests run, or are over and the workload has been told. */
  record Warming(StartFacts start) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** The workload has the say: {@code phase} is HELD, CLIMBING or FULL. */
  record Serving(StartFacts start, Phase phase, int weight) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** Its process has been asked to end. */
  record Draining(StartFacts start) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }

  /** Its process is dead; another start may follow. {@code how}: such as "exit code 1". */
  record Gone(StartFacts start, String how) implements PodState {
    @Override
    public Optional<StartFacts> facts() {
      return Optional.of(start);
    }
  }
}
