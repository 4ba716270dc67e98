package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the demo found, as {@code report.json} and as one page. Every key is always there; what was
 * not found, or not looked for, is null.
 */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final List<String> START =
      List.of(
          "runtime_main", "main_main", "listen", "serve", "first_success", "confirmed", "warmed");

  private Report() {}

  static Map<String, Object> of(String version, long seed, Findings found, Verdict verdict) {
    var report = new LinkedHashMap<String, Object>();
    report.put("version", version);
    report.put("machine", machine());
    report.put("seed", seed);
    report.put("order", found.order().stream().map(Regime::key).toList());
    report.put("verdict", verdict.word());
    report.put("reasons", verdict.reasons());
    report.put("regimes", byRegime(regime -> regime(found.births().get(regime))));
    report.put("start", start(found.births().get(Regime.THAW)));
    var faulty = new LinkedHashMap<String, Object>();
    for (String build : List.of("a", "b")) {
      faulty.put(build, faulty(found.faulty().getOrDefault(build, Map.of())));
    }
    report.put("faulty", faulty);
    report.put("crash", crash(found.crash().orElse(null)));
    report.put("keepalive", keepAlive(found.keepAlive().orElse(null)));
    report.put("driver_lag_p99_ms", Figures.rounded(found.lagP99Ms()));
    report.put("gates", found.gates().stream().map(Gate::toMap).toList());
    return report;
  }

  private static Map<String, Object> machine() {
    var machine = new LinkedHashMap<String, Object>();
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("kernel", System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("java", System.getProperty("java.version"));
    return machine;
  }

  private static Map<String, Object> byRegime(Function<Regime, Map<String, Object>> one) {
    var regimes = new LinkedHashMap<String, Object>();
    for (Regime regime : Regime.values()) {
      regimes.put(regime.key(), one.apply(regime));
    }
    return regimes;
  }

  private static Map<String, Object> regime(Analysis.@Nullable Judged one) {
    var map = new LinkedHashMap<String, Object>();
    map.put("first_15s", figures(one == null ? null : one.first15s()));
    map.put("first_250", figures(one == null ? null : one.first250()));
    map.put("service_30s", figures(one == null ? null : one.service30s()));
    map.put("first_request_ms", one == null ? null : number(one.firstRequestMs()));
    map.put("full_share_ms", one == null ? null : number(one.birth().fullShareMs()));
    map.put("cold_window_ms", one == null ? null : number(one.birth().coldWindowMs()));
    map.put("driver_lag_p99_ms", one == null ? null : Figures.rounded(one.lagP99Ms()));
    map.put("repeated", one == null ? null : one.repeated());
    map.put("ladder", one == null ? null : ladder(one.birth()));
    return map;
  }

  private static Map<String, Object> figures(@Nullable Figures figures) {
    var map = new LinkedHashMap<String, Object>();
    map.put("p50_ms", figures == null ? null : Figures.rounded(figures.p50()));
    map.put("p95_ms", figures == null ? null : Figures.rounded(figures.p95()));
    map.put("p99_ms", figures == null ? null : Figures.rounded(figures.p99()));
    map.put("max_ms", figures == null ? null : Figures.rounded(figures.max()));
    map.put("requests", figures == null ? null : figures.requests());
    map.put("errors", figures == null ? null : figures.errors());
    return map;
  }

  private static List<Map<String, Object>> ladder(Birth birth) {
    var ladder = new ArrayList<Map<String, Object>>();
    for (Birth.RungAt rung : birth.rungs()) {
      var map = new LinkedHashMap<String, Object>();
      map.put("ms", Figures.rounded(rung.ms()));
      map.put("weight", rung.weight());
      map.put("reason", rung.reason());
      ladder.add(map);
    }
    return ladder;
  }

  private static Map<String, Object> start(Analysis.@Nullable Judged thaw) {
    var start = new LinkedHashMap<String, Object>();
    for (String mark : START) {
      start.put(mark + "_ms", thaw == null ? null : thaw.birth().marks().get(mark));
    }
    return start;
  }

  private static Map<String, Object> faulty(Map<Regime, Analysis.Hurt> regimes) {
    var map = new LinkedHashMap<String, Object>();
    map.put("regimes", byRegime(regime -> hurt(regimes.get(regime))));
    Map<String, Object> thaw = hurt(regimes.get(Regime.THAW));
    for (String key : List.of("rolled_back", "highest_weight", "user_errors")) {
      map.put(key, thaw.get(key));
    }
    return map;
  }

  private static Map<String, Object> hurt(Analysis.@Nullable Hurt hurt) {
    var map = new LinkedHashMap<String, Object>();
    map.put("rolled_back", hurt == null ? null : hurt.birth().caught());
    map.put("highest_weight", hurt == null ? null : hurt.birth().highestWeight());
    map.put("caught_by", hurt == null ? null : hurt.birth().caughtBy().orElse(null));
    map.put("user_errors", hurt == null ? null : hurt.userErrors());
    map.put("user_slow", hurt == null ? null : hurt.userSlow());
    map.put("requests", hurt == null ? null : hurt.requests());
    return map;
  }

  private static Map<String, Object> crash(CrashScene.@Nullable Found crash) {
    var map = new LinkedHashMap<String, Object>();
    map.put("weight_changes_while_down", crash == null ? null : crash.weightChangesWhileDown());
    map.put("connects_to_dead_replica", crash == null ? null : crash.connectsToDeadReplica());
    map.put("recovered_rung", crash == null ? null : number(crash.recoveredRung()));
    map.put("recovery_ms", crash == null ? null : number(crash.recoveryMs()));
    map.put("rung_before", crash == null ? null : crash.rungBefore());
    map.put("requests_while_down", crash == null ? null : crash.requestsWhileDown());
    map.put("errors_while_down", crash == null ? null : crash.failed().size());
    map.put("in_flight_to_killed_replica", crash == null ? null : crash.inFlight());
    map.put(
        "failed", crash == null ? List.of() : crash.failed().stream().map(Report::one).toList());
    return map;
  }

  private static Map<String, Object> one(Casualty failed) {
    var map = new LinkedHashMap<String, Object>();
    map.put("after_kill_ms", Figures.rounded(failed.afterKillMs()));
    map.put("slot", failed.slot());
    map.put("status", failed.status());
    map.put("error", failed.error());
    map.put("reason", failed.inFlight() ? "in flight to the killed replica" : "not explained");
    return map;
  }

  private static Map<String, Object> keepAlive(KeepAliveScene.@Nullable Found kept) {
    var map = new LinkedHashMap<String, Object>();
    map.put("clients", kept == null ? null : kept.clients());
    map.put("requests", kept == null ? null : kept.requests());
    map.put("http2", kept == null ? null : kept.http2());
    map.put("errors", kept == null ? null : kept.errors());
    map.put("on_newborn_percent", kept == null ? null : Figures.rounded(kept.keptPercent()));
    map.put(
        "new_connections_on_newborn_percent",
        kept == null ? null : Figures.rounded(kept.freshPercent()));
    map.put("finding", kept == null ? null : KeepAliveScene.FINDING);
    return map;
  }

  private static @Nullable Double number(OptionalDouble value) {
    return value.isPresent() ? Figures.rounded(value.getAsDouble()) : null;
  }

  private static @Nullable Integer number(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  /** Writes both files into a folder, which is made. */
  static void write(Map<String, Object> report, Path folder) throws IOException {
    Files.createDirectories(folder);
    String json = JSON.writeValueAsString(report);
    Files.writeString(folder.resolve("report.json"), json + "\n");
    try (InputStream page = Report.class.getResourceAsStream("report.html")) {
      String template = new String(page.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(
          folder.resolve("report.html"),
          template.replace("/*REPORT*/null", json.replace("</", "<\\/")));
    }
  }
}
