package dev.thaw.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.PressureReport.Stall;
import dev.thaw.protocol.v1.StartRef;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a node's report reaches the writer. */
class PressureReportsTest {
  private static final PressureReport.Builder REPORT =
      PressureReport.newBuilder().setAtNanos(7).setIntervalNanos(1_000);
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("orders-0.x").setStartId("s1").build();

  @Test
  void aPodsTotalsAreThoseOfSomeTasksAndItsOwnSegments() {
    PressureReport report =
        REPORT
            .clone()
            .addPods(
                PressureReport.Pod.newBuilder()
                    .setStart(START)
                    .setRetransmits(3)
                    .addStalls(stall(Stall.Resource.MEMORY, 10, 1))
                    .addStalls(stall(Stall.Resource.CPU, 30, 3))
                    .addStalls(stall(Stall.Resource.IO, 20, 2)))
            .build();

    assertThat(PressureReports.strained(report))
        .isEqualTo(
            List.of(
                new Input.Strained(
                    new PodUid("orders-0.x"),
                    new StartId("s1"),
                    7,
                    1_000,
                    Map.of(
                        Pressure.MEMORY,
                        10L,
                        Pressure.CPU,
                        30L,
                        Pressure.IO,
                        20L,
                        Pressure.RETRANSMITS,
                        3L))));
  }

  @Test
  void whatTheKernelDoesNotTellStaysAbsent() {
    PressureReport report =
        REPORT.clone().addPods(PressureReport.Pod.newBuilder().setStart(START)).build();

    assertThat(PressureReports.strained(report).get(0).totals()).isEmpty();
  }

  private static Stall stall(Stall.Resource resource, long some, long full) {
    return Stall.newBuilder().setResource(resource).setSomeMicros(some).setFullMicros(full).build();
  }
}
