package dev.thaw.coordinator;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.protocol.v1.PressureReport;
import java.util.EnumMap;
import java.util.List;

/** What a node's report of pressure is to a workload's writer. Pure. */
final class PressureReports {
  private PressureReports() {}

  /** One input a pod; a stall is the time in which at least one of its tasks stood still. */
  static List<Input.Strained> strained(PressureReport report) {
    return report.getPodsList().stream().map(pod -> strained(report, pod)).toList();
  }

  private static Input.Strained strained(PressureReport report, PressureReport.Pod pod) {
    var totals = new EnumMap<Pressure, Long>(Pressure.class);
    for (PressureReport.Stall stall : pod.getStallsList()) {
      switch (stall.getResource()) {
        case MEMORY -> totals.put(Pressure.MEMORY, stall.getSomeMicros());
        case CPU -> totals.put(Pressure.CPU, stall.getSomeMicros());
        case IO -> totals.put(Pressure.IO, stall.getSomeMicros());
        case UNRECOGNIZED -> {
          // a resource of a later node
        }
      }
    }
    if (pod.hasRetransmits()) {
      totals.put(Pressure.RETRANSMITS, pod.getRetransmits());
    }
    return new Input.Strained(
        new PodUid(pod.getStart().getPodUid()),
        new StartId(pod.getStart().getStartId()),
        report.getAtNanos(),
        report.getIntervalNanos(),
        totals);
  }
}
