package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The closing tables, as lines of text. Pure. */
final class Closing {
  private Closing() {}

  static List<String> lines(Findings found) {
    var lines = new ArrayList<String>();
    if (!found.births().isEmpty()) {
      lines.add("");
      lines.add("a birth beside warm replicas; times in s since exec, latency in ms");
      lines.addAll(births(found.births()));
    }
    if (!found.faulty().isEmpty()) {
      lines.add("");
      lines.add("faulty builds; users hurt in the 15 s from exec");
      lines.addAll(faulty(found.faulty()));
    }
    found.crash().ifPresent(crash -> lines.addAll(crash(crash)));
    found.keepAlive().ifPresent(kept -> lines.addAll(keepAlive(kept)));
    lines.add("");
    lines.add("what each gate rests on: no error in n requests leaves room for a rate of 3/n");
    lines.addAll(gates(found.gates()));
    return lines;
  }

  private static List<String> births(Map<Regime, Analysis.Judged> births) {
    var rows = new ArrayList<List<String>>();
    rows.add(
        List.of(
            "regime",
            "first user",
            "full share",
            "cold window",
            "P50",
            "P95",
            "P99",
            "n",
            "errors",
            "service P95"));
    for (Analysis.Judged one : births.values()) {
      rows.add(
          List.of(
              one.birth().regime().title(),
              Figures.text(one.firstRequestMs().orElse(Double.NaN) / 1e3),
              Figures.text(one.birth().fullShareMs().orElse(Double.NaN) / 1e3),
              Figures.text(one.birth().coldWindowMs().orElse(Double.NaN) / 1e3),
              Figures.text(one.first15s().p50()),
              Figures.text(one.first15s().p95()),
              Figures.text(one.first15s().p99()),
              Integer.toString(one.first15s().requests()),
              Integer.toString(one.first15s().errors()),
              Figures.text(one.service30s().p95())));
    }
    return table(rows);
  }

  private static List<String> faulty(Map<String, Map<Regime, Analysis.Hurt>> builds) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("build, regime", "highest", "errors", "slow", "of", "caught"));
    builds.forEach(
        (build, regimes) ->
            regimes.forEach(
                (regime, hurt) ->
                    rows.add(
                        List.of(
                            build + ", " + regime.title(),
                            hurt.birth().highestWeight() + " %",
                            Integer.toString(hurt.userErrors()),
                            Integer.toString(hurt.userSlow()),
                            Integer.toString(hurt.requests()),
                            hurt.birth().caughtBy().orElse("never")))));
    return table(rows);
  }

  private static List<String> crash(CrashScene.Found crash) {
    return List.of(
        "",
        "Thaw killed in mid-ladder, and a replica while it was dead",
        "  of %d requests %d failed in flight to the killed replica and %d otherwise"
            .formatted(crash.requestsWhileDown(), crash.inFlight(), crash.failedOtherwise()),
        "  %d weights changed, %d connections went to the dead replica"
            .formatted(crash.weightChangesWhileDown(), crash.connectsToDeadReplica()),
        "  ladder: at rung %d before, resumed at rung %s after %s s"
            .formatted(
                crash.rungBefore(),
                crash.recoveredRung().isPresent() ? crash.recoveredRung().getAsInt() : "none",
                Figures.text(crash.recoveryMs().orElse(Double.NaN) / 1e3)));
  }

  private static List<String> keepAlive(KeepAliveScene.Found kept) {
    return List.of(
        "",
        "clients that keep their HTTP/2 connections",
        "  the full newborn got %s %% of %d requests on kept connections, %s %% of %d on new ones"
            .formatted(
                Figures.text(kept.keptPercent()),
                kept.requests(),
                Figures.text(kept.freshPercent()),
                kept.freshRequests()),
        "  " + KeepAliveScene.FINDING);
  }

  private static List<String> gates(List<Gate> gates) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("rung", "hold", "default hold", "n", "3/n", "n is"));
    for (Gate gate : gates) {
      rows.add(
          List.of(
              gate.weight() + " %",
              Figures.text(gate.holdSeconds()) + " s",
              gate.defaultHoldSeconds().isPresent()
                  ? Figures.text(gate.defaultHoldSeconds().getAsDouble()) + " s"
                  : "-",
              Figures.text(gate.n()),
              String.format(Locale.ROOT, "%.3f", gate.bound()),
              gate.seen().isPresent() ? "seen" : "expected"));
    }
    return table(rows);
  }

  /** Columns as wide as they need; all but the first and an explaining last one to the right. */
  static List<String> table(List<List<String>> rows) {
    int columns = rows.get(0).size();
    boolean explains = rows.stream().skip(1).anyMatch(row -> row.get(columns - 1).contains(" "));
    var lines = new ArrayList<String>();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        int column = i;
        int width = rows.stream().mapToInt(each -> each.get(column).length()).max().orElse(1);
        boolean left = i == 0 || i == columns - 1 && explains;
        line.append("  ").append(String.format("%" + (left ? "-" : "") + width + "s", row.get(i)));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
