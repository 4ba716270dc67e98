package dev.thaw.coordinator;

import dev.thaw.protocol.v1.PressureReport;
import java.util.List;
import java.util.Locale;
import kamon.Kamon;
import kamon.metric.MeasurementUnit;
import kamon.tag.TagSet;

/**
 * What Prometheus is told of a node's pressure, through Kamon. Reports hold running totals: what
 * they have grown by is added, and one that has gone down begins anew. One thread.
 */
final class PressureMetrics {
  private static final MeasurementUnit MICROS = MeasurementUnit.time().microseconds();
  private static final String STALLS = "pressure.stall";

  private final String workload;
  private final Growth growth = new Growth();

  PressureMetrics(String workload) {
    this.workload = workload;
  }

  /** Takes in a report of this node. */
  void reported(String node, PressureReport report) {
    TagSet ofNode = TagSet.of("node", node);
    if (report.hasRetransmits()) {
      count("thaw.node.tcp.retransmits", ofNode, report.getRetransmits());
    }
    stalls("thaw.node." + STALLS, ofNode, report.getStallsList());
    latency(ofNode, report.getBlockRequestsList());
    for (PressureReport.Pod pod : report.getPodsList()) {
      TagSet ofPod = TagSet.of("workload", workload).withTag("pod", pod.getPodName());
      if (pod.hasRetransmits()) {
        count("thaw.pod.tcp.retransmits", ofPod, pod.getRetransmits());
      }
      stalls("thaw.pod." + STALLS, ofPod, pod.getStallsList());
    }
  }

  private void count(String name, TagSet tags, long total) {
    Kamon.counter(name).withTags(tags).increment(growth.of(name + tags, total));
  }

  private void stalls(String name, TagSet tags, List<PressureReport.Stall> stalls) {
    for (PressureReport.Stall stall : stalls) {
      TagSet of = tags.withTag("resource", stall.getResource().name().toLowerCase(Locale.ROOT));
      stall(name, of.withTag("kind", "some"), stall.getSomeMicros());
      stall(name, of.withTag("kind", "full"), stall.getFullMicros());
    }
  }

  private void stall(String name, TagSet tags, long micros) {
    Kamon.counter(name, MICROS).withTags(tags).increment(growth.of(name + tags, micros));
  }

  /** A request counts with the middle of its slot: a sum of these is right within a third. */
  private void latency(TagSet tags, List<Long> slots) {
    for (int slot = 0; slot < slots.size(); slot++) {
      long gained = growth.of("block" + slot + tags, slots.get(slot));
      if (gained > 0) {
        Kamon.histogram("thaw.node.block.latency", MICROS)
            .withTags(tags)
            .record(Math.max(1, 3L << slot >> 1), gained);
      }
    }
  }
}
