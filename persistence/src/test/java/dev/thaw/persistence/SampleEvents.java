package dev.thaw.persistence;

import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.time.Instant;
import java.util.List;

/** One event of every kind, with every field set to something that can be mistaken for nothing. */
final class SampleEvents {

  static final Instant AT = Instant.parse("2026-02-03T04:05:06.789Z");
  private static final PodUid POD = new PodUid("orders-3.7f2c");
  private static final StartId START = new StartId("4b1f8e2a:4711:998877");
  private static final CohortId COHORT = new CohortId(START.value());

  private SampleEvents() {}

  static List<WorkloadEvent> all() {
    return List.of(
        new WorkloadEvent.Opened(7, Mode.RAMP, AT),
        new WorkloadEvent.Joined(
            POD, new PodName("orders-3"), 1023, new Endpoint("127.101.4.5", 8080), AT),
        new WorkloadEvent.Started(POD, START, AT),
        new WorkloadEvent.Confirmed(POD, START, AT),
        new WorkloadEvent.Warmed(POD, START, false, "16 of 300 failed", AT),
        new WorkloadEvent.RungEntered(
            COHORT, List.of(POD), 2, 5, Why.GATE_PASSED, "2 of 2 verdicts", AT),
        new WorkloadEvent.RungApplied(COHORT, 2, AT),
        new WorkloadEvent.Passed(COHORT, 2, 1, 3_250, AT),
        new WorkloadEvent.WentBack(COHORT, 3, 2, 5, 1, 5_000, "errors", AT),
        new WorkloadEvent.Settled(COHORT, AT),
        new WorkloadEvent.Ejected(POD, START, "NeverServed", "500 from /healthz", AT),
        new WorkloadEvent.Left(POD, "exited", AT),
        new WorkloadEvent.Paused(List.of(), AT),
        new WorkloadEvent.Resumed(List.of(POD), AT),
        new WorkloadEvent.Aborted(POD, AT),
        new WorkloadEvent.Retried(POD, AT));
  }

  /** File name of a sample: the name its type has in the stored bytes. */
  static String fileName(WorkloadEvent event) {
    return event
            .getClass()
            .getSimpleName()
            .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
            .toLowerCase(java.util.Locale.ROOT)
        + ".cbor";
  }
}
