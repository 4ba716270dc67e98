package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final List<String> REGIMES =
      List.of("listen", "readiness_probe", "thaw_no_warmup", "thaw");

  @TempDir Path folder;

  private JsonNode written(Findings found) throws Exception {
    Report.write(Report.of("1.2.3", 7, found, found.verdict()), folder);
    return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
  }

  /** What scripts rely on; machine, ladder and gates are for the page. */
  private static Set<String> promised() {
    var keys = new TreeSet<String>(List.of("/version", "/seed", "/verdict", "/driver_lag_p99_ms"));
    for (String regime : REGIMES) {
      for (String view : List.of("first_15s", "first_250", "service_30s")) {
        for (String figure :
            List.of("p50_ms", "p95_ms", "p99_ms", "max_ms", "requests", "errors")) {
          keys.add("/regimes/" + regime + "/" + view + "/" + figure);
        }
      }
      for (String time : List.of("first_request_ms", "full_share_ms", "cold_window_ms")) {
        keys.add("/regimes/" + regime + "/" + time);
      }
      keys.add("/regimes/" + regime + "/driver_lag_p99_ms");
      keys.add("/regimes/" + regime + "/repeated");
      for (String build : List.of("a", "b")) {
        for (String what :
            List.of(
                "rolled_back",
                "highest_weight",
                "caught_by",
                "user_errors",
                "user_slow",
                "requests")) {
          keys.add("/faulty/" + build + "/regimes/" + regime + "/" + what);
        }
      }
    }
    for (String mark :
        List.of(
            "runtime_main",
            "main_main",
            "listen",
            "serve",
            "first_success",
            "confirmed",
            "warmed")) {
      keys.add("/start/" + mark + "_ms");
    }
    for (String build : List.of("a", "b")) {
      for (String what : List.of("rolled_back", "highest_weight", "user_errors")) {
        keys.add("/faulty/" + build + "/" + what);
      }
    }
    for (String what :
        List.of(
            "weight_changes_while_down",
            "connects_to_dead_replica",
            "recovered_rung",
            "recovery_ms",
            "rung_before",
            "requests_while_down",
            "errors_while_down",
            "in_flight_to_killed_replica")) {
      keys.add("/crash/" + what);
    }
    for (String what :
        List.of(
            "clients",
            "requests",
            "http2",
            "errors",
            "on_newborn_percent",
            "new_connections_on_newborn_percent",
            "finding")) {
      keys.add("/keepalive/" + what);
    }
    return keys;
  }

  private static List<String> leaves(JsonNode node, String path) {
    var found = new ArrayList<String>();
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      String at = path + "/" + name;
      if (node.path(name).isObject()) {
        found.addAll(leaves(node.path(name), at));
      } else if (!node.path(name).isArray() && !name.equals("ladder")) {
        found.add(at);
      }
    }
    found.removeIf(key -> key.startsWith("/machine/"));
    return found;
  }

  @Test
  void everyPromisedKeyIsThereAndNoOther() throws Exception {
    JsonNode report = written(Synthetic.whole());

    assertThat(leaves(report, "")).containsExactlyInAnyOrderElementsOf(promised());
    assertThat(report.at("/order")).hasSize(4);
    assertThat(report.at("/reasons").isArray()).isTrue();
    assertThat(report.at("/gates")).hasSize(4);
    assertThat(report.at("/machine/cores").isInt()).isTrue();
  }

  @Test
  void whatWasNotPlayedIsNullUnderTheSameKeys() throws Exception {
    JsonNode report = written(Findings.NONE);

    assertThat(leaves(report, "")).containsExactlyInAnyOrderElementsOf(promised());
    assertThat(report.at("/crash/recovery_ms").isNull()).isTrue();
    assertThat(report.at("/regimes/thaw/first_15s/p95_ms").isNull()).isTrue();
    assertThat(report.at("/driver_lag_p99_ms").isNull()).isTrue();
  }

  @Test
  void aRequestThatFailedIsToldWithItsTimeReplicaErrorAndReason() throws Exception {
    JsonNode failed = written(Synthetic.whole()).at("/crash/failed/0");

    assertThat(failed.path("after_kill_ms").asDouble()).isEqualTo(-2);
    assertThat(failed.path("slot").asInt()).isEqualTo(1);
    assertThat(failed.path("error").asText()).isEqualTo("EOF");
    assertThat(failed.path("reason").asText()).isEqualTo("in flight to the killed replica");
  }

  @Test
  void faultyBuildsCarryACopyOfThawsFindings() throws Exception {
    JsonNode report = written(Synthetic.whole());

    for (String what : List.of("rolled_back", "highest_weight", "user_errors")) {
      assertThat(report.at("/faulty/b/" + what))
          .isEqualTo(report.at("/faulty/b/regimes/thaw/" + what));
    }
    assertThat(report.at("/faulty/b/regimes/thaw/caught_by").asText())
        .isEqualTo("at 20 %: Slow: 8 of 8");
    assertThat(report.at("/faulty/b/regimes/listen/caught_by").isNull()).isTrue();
  }

  @Test
  void thePageCarriesTheReportAndAsksNobodyForAnything() throws Exception {
    written(Synthetic.whole());
    String page = Files.readString(folder.resolve("report.html"));

    assertThat(page).contains("\"version\" : \"1.2.3\"").doesNotContain("/*REPORT*/");
    assertThat(page).doesNotContain("http://", "https://", "src=", "href=", "@import", "url(");
  }
}
