package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class ServedStartTest {
  private static final String POD =
      """
      {"name": "orders-1", "timeline": [
        {"event": "exec", "since_exec_ms": -12.0, "path": "/bin/sh"},
        {"event": "exec", "since_exec_ms": 0.0, "path": "/bin/orders"},
        {"event": "runtime_main", "since_exec_ms": 4.0},
        {"event": "main_main", "since_exec_ms": 34.0},
        {"event": "listen", "since_exec_ms": 40.0, "port": 8443},
        {"event": "first_success", "since_exec_ms": 45.0, "protocol": "h2"},
        {"event": "warmed", "since_exec_ms": 900.0, "sent": 20, "errors": 0, "p50_first_ms": 400.0, "p50_last_ms": 1.5},
        {"event": "rung", "since_exec_ms": 950.0, "weight": 10},
        {"event": "degraded", "since_exec_ms": null},
        {"event": "full", "since_exec_ms": 2950.0}]}
      """;

  @Test
  void eachEventOpensAStageThatLastsUntilTheNext() throws Exception {
    Report report = ServedStart.report(new ObjectMapper().readTree(POD));

    assertThat(report.waterfall())
        .extracting(Waterfall.Span::name, Waterfall.Span::duration)
        .containsExactly(
            Tuple.tuple("exec and runtime", 4 * MS),
            Tuple.tuple("package init", 30 * MS),
            Tuple.tuple("main until it listens", 6 * MS),
            Tuple.tuple("until it answers", 5 * MS),
            Tuple.tuple("warm-up requests", 855 * MS),
            Tuple.tuple("until it is let in", 50 * MS),
            Tuple.tuple("at 10 % of its share", 2000 * MS));
    assertThat(report.advice())
        .extracting(Advice.Item::sentence)
        .containsExactly(
            "From exec to its first traffic it took 950 ms; most of it, 855 ms (90 %), was \"warm-up requests\".",
            "It listened 40.0 ms after exec.",
            "Its probe succeeded first 45.0 ms after exec.",
            "20 warm-up requests, 0 of them failed, took the median from 400.00 ms to 1.50 ms: no user has paid for that.",
            "It had its full share 2,950 ms after exec.");
  }

  /** As seen: a policy without warm-up, a wrapper, and Go's marks from a first start stopped. */
  @Test
  void aStageIsCalledByWhatItWasSpentOnAndNotByWhatAnotherPolicyWouldDo() throws Exception {
    Report report =
        ServedStart.report(
            new ObjectMapper()
                .readTree(
                    """
                    {"name": "op-r1-1", "timeline": [
                      {"event": "exec", "since_exec_ms": 0.0, "path": "/bin/sh"},
                      {"event": "exec", "since_exec_ms": 0.0, "path": "/bin/sh"},
                      {"event": "exec", "since_exec_ms": 0.0, "path": "/srv/fast"},
                      {"event": "main_main", "since_exec_ms": 277.0},
                      {"event": "listen", "since_exec_ms": 285.0, "port": 8050},
                      {"event": "serve", "since_exec_ms": 285.058, "server": "net/http"},
                      {"event": "first_success", "since_exec_ms": 600.0, "protocol": "tcp"},
                      {"event": "confirmed", "since_exec_ms": 882.0},
                      {"event": "rung", "since_exec_ms": 882.1, "weight": 100},
                      {"event": "full", "since_exec_ms": 882.1}]}
                    """));

    assertThat(report.waterfall())
        .extracting(Waterfall.Span::name, Waterfall.Span::duration)
        .containsExactly(
            Tuple.tuple("exec to main", 277 * MS),
            Tuple.tuple("main until it listens", 8 * MS),
            Tuple.tuple("until it answers", 315 * MS),
            Tuple.tuple("until its answers are confirmed", 282 * MS),
            Tuple.tuple("until it is let in", MS / 10),
            Tuple.tuple("at 100 % of its share", 0L));
    assertThat(report.advice().get(0).sentence())
        .isEqualTo(
            "From exec to its first traffic it took 882 ms; most of it, 315 ms (36 %), was \"until it answers\".");
    assertThat(report.start().at("first success")).hasValue(600 * MS);
    assertThat(report.start().at("full share")).hasValue(882 * MS + MS / 10);
    assertThat(report.start().at(Start.FIRST_200)).as("of a TCP probe").isEmpty();
    assertThat(report.start().at(Start.PLATEAU)).isEmpty();
  }
}
