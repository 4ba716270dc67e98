package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the demo claims of faulty builds and of a crash. Pure. */
final class Claims {
  private static final int RECOVERY_BOUND_MS = 10_000;

  private Claims() {}

  /**
   * (a) is caught by warm-up requests, and without them at 5 % at the latest; (b) at 20 % in both.
   */
  static Analysis.Verdict faulty(Map<String, Object> faults) {
    var failed = new ArrayList<String>();
    check(faults, "a", Regime.THAW, 0, failed);
    check(faults, "a", Regime.THAW_NO_WARMUP, 5, failed);
    check(faults, "b", Regime.THAW, 20, failed);
    check(faults, "b", Regime.THAW_NO_WARMUP, 20, failed);
    return new Analysis.Verdict(failed, List.of());
  }

  private static void check(
      Map<String, Object> faults, String fault, Regime regime, int atMost, List<String> failed) {
    if (faults.get(fault) instanceof Map<?, ?> one
        && one.get("regimes") instanceof Map<?, ?> regimes
        && regimes.get(regime.key()) instanceof Map<?, ?> found
        && found.get("highest_weight") instanceof Integer highest) {
      if (!Boolean.TRUE.equals(found.get("rolled_back"))) {
        failed.add("build " + fault + " was not caught under " + regime.key());
      } else if (highest > atMost) {
        failed.add(
            "build %s got %d %% under %s (claimed: at most %d %%)"
                .formatted(fault, highest, regime.key(), atMost));
      }
    }
  }

  /** Traffic goes on with the weights it had, the dead get none, the ladder goes on. */
  static Analysis.Verdict crash(Map<String, Object> crash) {
    var failed = new ArrayList<String>();
    if (number(crash, "weight_changes_while_down") != 0) {
      failed.add("a weight changed while Thaw was down");
    }
    if (number(crash, "connects_to_dead_replica") != 0) {
      failed.add(crash.get("connects_to_dead_replica") + " connections went to a dead replica");
    }
    if (number(crash, "recovered_rung") != number(crash, "rung_before")) {
      failed.add(
          "the ladder went on at rung %s (it was at %s)"
              .formatted(crash.get("recovered_rung"), crash.get("rung_before")));
    }
    long recovery = number(crash, "recovery_ms");
    if (recovery < 0 || recovery > RECOVERY_BOUND_MS) {
      failed.add("recovery took " + recovery + " ms (claimed: 10 s)");
    }
    return new Analysis.Verdict(failed, List.of());
  }

  private static long number(Map<String, Object> map, String key) {
    return map.get(key) instanceof Number number ? number.longValue() : -1;
  }
}
