package dev.thaw.coordinator.workload;

import dev.thaw.config.PodUid;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Reasons;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What of a decision people are told at once; the rest stands in the journal. Pure. */
final class Announcements {

  private Announcements() {}

  /**
   * The lines that follow from one event.
   *
   * @param before the state the event was applied to
   * @param onPaper the event was not persisted: what a ladder would have done
   */
  static List<Feed.Decided> of(
      Workload before, WorkloadEvent event, ObservedShare observed, boolean onPaper) {
    var lines = new ArrayList<Feed.Decided>();
    if (event instanceof WorkloadEvent.Confirmed e) {
      lines.add(line(e.pod(), "confirmed", e.at(), Map.of(), onPaper));
    } else if (event instanceof WorkloadEvent.RungEntered e) {
      e.pods().forEach(pod -> entered(before, e, pod, observed, onPaper, lines));
    } else if (event instanceof WorkloadEvent.WentBack e) {
      before.climbing(e.cohort()).forEach(member -> lines.add(back(member, e, onPaper)));
    } else if (event instanceof WorkloadEvent.Ejected e && e.reason().equals(Reasons.ENDING)) {
      lines.add(line(e.pod(), "draining", e.at(), Map.of(), onPaper));
    } else if (event instanceof WorkloadEvent.Ejected e) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("reason", e.reason());
      fields.put("detail", e.detail());
      lines.add(line(e.pod(), "ejected", e.at(), fields, onPaper));
    } else if (event instanceof WorkloadEvent.Warmed e && !e.accepted()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("reason", "WarmupFailed");
      fields.put("detail", e.detail());
      lines.add(line(e.pod(), "held", e.at(), fields, onPaper));
    }
    return lines;
  }

  private static void entered(
      Workload before,
      WorkloadEvent.RungEntered e,
      PodUid pod,
      ObservedShare observed,
      boolean onPaper,
      List<Feed.Decided> lines) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("weight", e.weight());
    fields.put(
        "observed_percent",
        before
            .member(pod)
            .map(member -> observed.percent(before, member))
            .filter(percent -> percent.isPresent())
            .map(percent -> (Object) (Math.round(percent.getAsDouble() * 10) / 10.0))
            .orElse(null));
    fields.put("reason", word(e.why()));
    lines.add(line(pod, "rung", e.at(), fields, onPaper));
    if (e.weight() == Workload.FULL) {
      lines.add(line(pod, "full", e.at(), Map.of(), onPaper));
    }
  }

  private static Feed.Decided back(Member member, WorkloadEvent.WentBack e, boolean onPaper) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("from", member.weight());
    fields.put("to", e.weight());
    fields.put("reason", e.reason());
    return line(member.pod(), "rolled_back", e.at(), fields, onPaper);
  }

  private static Feed.Decided line(
      PodUid pod, String event, Instant at, Map<String, Object> fields, boolean onPaper) {
    var all = new LinkedHashMap<>(fields);
    if (onPaper) {
      all.put("would_have", true);
    }
    return new Feed.Decided(pod, event, at, all);
  }

  /** A reason as people and scripts read it, such as {@code NothingWarm}. */
  static String word(Why why) {
    var word = new StringBuilder();
    for (String part : why.name().split("_", -1)) {
      word.append(part.charAt(0)).append(part.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return word.toString();
  }
}
