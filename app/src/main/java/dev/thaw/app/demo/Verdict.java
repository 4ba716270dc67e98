package dev.thaw.app.demo;

import java.util.ArrayList;
import java.util.List;

/** What did not hold, and what could not be decided. */
record Verdict(List<String> failed, List<String> open) {
  static final Verdict HELD = new Verdict(List.of(), List.of());

  Verdict {
    failed = List.copyOf(failed);
    open = List.copyOf(open);
  }

  Verdict and(Verdict other) {
    var allFailed = new ArrayList<>(failed);
    allFailed.addAll(other.failed());
    var allOpen = new ArrayList<>(open);
    allOpen.addAll(other.open());
    return new Verdict(allFailed, allOpen);
  }

  String word() {
    return !failed.isEmpty() ? "failed" : open.isEmpty() ? "held" : "inconclusive";
  }

  int exitCode() {
    return !failed.isEmpty() ? 1 : open.isEmpty() ? 0 : 3;
  }

  List<String> reasons() {
    var reasons = new ArrayList<>(failed);
    reasons.addAll(open);
    return reasons;
  }
}
