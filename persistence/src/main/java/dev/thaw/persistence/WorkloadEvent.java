package dev.thaw.persistence;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.time.Instant;
import java.util.List;

/** What one workload's writer has decided. {@code at} is for people: no decision compares it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = WorkloadEvent.Opened.class, name = "opened"),
  @JsonSubTypes.Type(value = WorkloadEvent.Joined.class, name = "joined"),
  @JsonSubTypes.Type(value = WorkloadEvent.Started.class, name = "started"),
  @JsonSubTypes.Type(value = WorkloadEvent.Confirmed.class, name = "confirmed"),
  @JsonSubTypes.Type(value = WorkloadEvent.Warmed.class, name = "warmed"),
  @JsonSubTypes.Type(value = WorkloadEvent.RungEntered.class, name = "rung-entered"),
  @JsonSubTypes.Type(value = WorkloadEvent.RungApplied.class, name = "rung-applied"),
  @JsonSubTypes.Type(value = WorkloadEvent.Passed.class, name = "passed"),
  @JsonSubTypes.Type(value = WorkloadEvent.WentBack.class, name = "went-back"),
  @JsonSubTypes.Type(value = WorkloadEvent.Settled.class, name = "settled"),
  @JsonSubTypes.Type(value = WorkloadEvent.Ejected.class, name = "ejected"),
  @JsonSubTypes.Type(value = WorkloadEvent.Left.class, name = "left"),
  @JsonSubTypes.Type(value = WorkloadEvent.Paused.class, name = "paused"),
  @JsonSubTypes.Type(value = WorkloadEvent.Resumed.class, name = "resumed"),
  @JsonSubTypes.Type(value = WorkloadEvent.Aborted.class, name = "aborted"),
  @JsonSubTypes.Type(value = WorkloadEvent.Retried.class, name = "retried"),
})
public sealed interface WorkloadEvent extends Stored {

  Instant at();

  /** A writer took over; its term is one more than the last. Persisted before its first effect. */
  record Opened(long term, Mode mode, Instant at) implements WorkloadEvent {}

  /**
   * A pod is known; it has no traffic. {@code slot} is its place in in-kernel tables, 0 to 1023.
   */
  record Joined(PodUid pod, PodName name, int slot, Endpoint endpoint, Instant at)
      implements WorkloadEvent {}

  /** A new process runs in the pod: whatever it had climbed is void. */
  record Started(PodUid pod, StartId start, Instant at) implements WorkloadEvent {}

  /** The start has answered its probe often enough in a row: it may serve. */
  record Confirmed(PodUid pod, StartId start, Instant at) implements WorkloadEvent {}

  /** Its warm-up requests are over; not accepted: too many failed, it stays without traffic. */
  record Warmed(PodUid pod, StartId start, boolean accepted, String detail, Instant at)
      implements WorkloadEvent {}

  /** All pods of a cohort take a rung's weight in one event. */
  record RungEntered(
      CohortId cohort, List<PodUid> pods, int rung, int weight, Why why, String detail, Instant at)
      implements WorkloadEvent {}

  /** The planes have acknowledged the rung's table: the hold begins. */
  record RungApplied(CohortId cohort, int rung, Instant at) implements WorkloadEvent {}

  /**
   * One more verdict in a row allows the next rung. {@code climbMillis}: monotonic time climbed so
   * far, downtime excluded.
   */
  record Passed(CohortId cohort, int rung, int inRow, long climbMillis, Instant at)
      implements WorkloadEvent {}

  /** A breach: back to a lower rung, and a pause before the next attempt. */
  record WentBack(
      CohortId cohort,
      int fromRung,
      int toRung,
      int weight,
      int breaches,
      long waitMillis,
      String reason,
      Instant at)
      implements WorkloadEvent {}

  /** The watch of the last rung is over. */
  record Settled(CohortId cohort, Instant at) implements WorkloadEvent {}

  /** A start has lost its traffic until it proves itself again. */
  record Ejected(PodUid pod, StartId start, String reason, String detail, Instant at)
      implements WorkloadEvent {}

  /** A pod is gone. */
  record Left(PodUid pod, String reason, Instant at) implements WorkloadEvent {}

  /** Rungs are frozen, for one pod or (empty) for the workload; removals still happen. */
  record Paused(List<PodUid> pods, Instant at) implements WorkloadEvent {}

  record Resumed(List<PodUid> pods, Instant at) implements WorkloadEvent {}

  /** An operator holds the pod at no traffic until promote or retry. */
  record Aborted(PodUid pod, Instant at) implements WorkloadEvent {}

  record Retried(PodUid pod, Instant at) implements WorkloadEvent {}
}
