package dev.thaw.coordinator.metrics;

import dev.thaw.protocol.v1.PressureReport;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.MeasurementUnit;
import kamon.tag.TagSet;

/**
 * What Prometheus is told of a node's pressure, through Kamon. Reports hold running totals: what
 * they have grown by is added, and one that has gone down begins anew. One thread.
 */
public final class PressureMetrics {
  private static final MeasurementUnit MICROS = MeasurementUnit.time().microseconds();
  private static final String RESENT = "TCP segments sent again.";
  private static final String STALLED = "Time in which tasks stood still for want of the resource.";

  private final String workload;
  private final Series ofNode = new Series();
  private final Map<String, Series> ofPods = new HashMap<>();

  public PressureMetrics(String workload) {
    this.workload = workload;
  }

  /** Takes in a report of this node. */
  public void reported(String node, PressureReport report) {
    TagSet tags = TagSet.of("node", node);
    if (report.hasRetransmits()) {
      ofNode.count("thaw.node.tcp.retransmits", tags, report.getRetransmits());
    }
    ofNode.stalls("thaw.node.pressure.stall", tags, report.getStallsList());
    ofNode.latency(tags, report.getBlockRequestsList());
    ofPods
        .keySet()
        .retainAll(
            report.getPodsList().stream()
                .map(PressureReport.Pod::getPodName)
                .collect(Collectors.toSet()));
    for (PressureReport.Pod pod : report.getPodsList()) {
      Series ofPod = ofPods.computeIfAbsent(pod.getPodName(), unknown -> new Series());
      TagSet podTags = TagSet.of("workload", workload).withTag("pod", pod.getPodName());
      if (pod.hasRetransmits()) {
        ofPod.count("thaw.pod.tcp.retransmits", podTags, pod.getRetransmits());
      }
      ofPod.stalls("thaw.pod.pressure.stall", podTags, pod.getStallsList());
    }
  }

  /** The series of one pod or of the node, and what they had grown to. */
  private static final class Series {
    final Growth growth = new Growth();

    void count(String name, TagSet tags, long total) {
      add(Kamon.counter(name, RESENT).withTags(tags), name, total);
    }

    void stalls(String name, TagSet tags, List<PressureReport.Stall> stalls) {
      for (PressureReport.Stall stall : stalls) {
        String resource = stall.getResource().name().toLowerCase(Locale.ROOT);
        TagSet of = tags.withTag("resource", resource);
        stall(name, of.withTag("kind", "some"), resource + "some", stall.getSomeMicros());
        stall(name, of.withTag("kind", "full"), resource + "full", stall.getFullMicros());
      }
    }

    private void stall(String name, TagSet tags, String key, long micros) {
      add(Kamon.counter(name, STALLED, MICROS).withTags(tags), key, micros);
    }

    private void add(Counter counter, String key, long total) {
      counter.increment(growth.of(key, total));
    }

    /** A request counts with the middle of its slot: a sum of these is right within a third. */
    void latency(TagSet tags, List<Long> slots) {
      for (int slot = 0; slot < slots.size(); slot++) {
        long gained = growth.of("block" + slot, slots.get(slot));
        if (gained > 0) {
          Kamon.histogram(
                  "thaw.node.block.latency", "Block requests, from issue to completion.", MICROS)
              .withTags(tags)
              .record(Math.max(1, 3L << slot >> 1), gained);
        }
      }
    }
  }
}
