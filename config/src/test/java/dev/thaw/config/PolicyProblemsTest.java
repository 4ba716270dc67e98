package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator is told about a policy that cannot be used. */
class PolicyProblemsTest {

  private static final String HEAD =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: orders }
      spec:
        service: 127.100.0.1:8080
      """;

  @Test
  void aProblemIsPrintedWithItsPlacePathValueAndWhatIsAccepted() {
    String policy =
        HEAD
            + """
              birth:
                ladder:
                  - { weight: 1, hold: 2s }
                  - { weight: 5, hold: 2s }
                  - weight: 120
            """;

    assertThat(lines(policy))
        .containsExactly(
            "orders.yaml:10:17: spec.birth.ladder[2].weight: 120"
                + " (accepted: a whole number from 1 to 100)");
  }

  @Test
  void everyProblemIsReportedAtOnceInTheOrderOfTheText() {
    String policy =
        """
        apiVersion: thaw.dev/v1
        kind: Policy
        metadata: { name: Orders, label: x }
        spec:
          service: nowhere
          mode: fast
          target: { port: 0 }
          startDeadline: soon
          probe: { timeout: 3 }
          warmup: {}
          metrics: { slowAfter: 1d }
          birth: { preset: slow }
        """;

    assertThat(lines(policy).stream().map(line -> line.split(" ")[1]))
        .containsExactly(
            "apiVersion:",
            "kind:",
            "metadata.name:",
            "metadata.label:",
            "spec.service:",
            "spec.mode:",
            "spec.target.port:",
            "spec.startDeadline:",
            "spec.probe.timeout:",
            "spec.warmup.requests:",
            "spec.metrics.slowAfter:",
            "spec.birth.preset:");
  }

  @Test
  void ofTwoKindsOfProbeEachIsReadToItsEnd() {
    String policy =
        HEAD + "  probe: { httpGet: { path: x }, grpc: { port: 0, prot: 1 }, ping: { port: a } }\n";

    assertThat(lines(policy).stream().map(line -> line.split("\\(")[0].split(" ", 2)[1].strip()))
        .containsExactly(
            "spec.probe.httpGet.path: x",
            "spec.probe.grpc: a section",
            "spec.probe.grpc.port: 0",
            "spec.probe.grpc.prot: unknown key, did you mean port?",
            "spec.probe.ping: a section",
            "spec.probe.ping.port: a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "probes: {}                                  | spec.probes: unknown key, did you mean probe?",
        "probe: { intervall: 1s }                    | spec.probe.intervall: unknown key, did you mean interval?",
        "probe: { readinterval: 1s }                 | did you mean readyInterval?",
        "probe: { zzz: 1s }                          | spec.probe.zzz: unknown key (accepted: httpGet,",
        "target: { prot: 1 }                         | spec.target.prot: unknown key, did you mean port?",
        "birth: { ladder: [ {wieght: 100} ] }        | spec.birth.ladder[0].wieght: unknown key, did you mean weight?",
      })
  void anUnknownKeyIsRefusedWithTheNearestName(String line, String expected) {
    assertThat(problemsWith(line)).anySatisfy(problem -> assertThat(problem).contains(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: RAMP                     | spec.mode: RAMP (accepted: observe | gate | ramp)",
        "target: 80                     | spec.target: 80 (accepted: a section)",
        "target: { port: \"80\" }       | spec.target.port: \"80\" (accepted: a whole number from 1 to 65535)",
        "target: { port: 65536 }        | spec.target.port: 65536",
        "target: {}                     | spec.target.port: missing",
        "startDeadline: 60              | spec.startDeadline: 60 (accepted: a duration from 100ms to 24h",
        "startDeadline: 25h             | spec.startDeadline: 25h",
        "startDeadline: null            | spec.startDeadline: null",
        "startDeadline: -1s             | spec.startDeadline: -1s",
        "startDeadline: [1s]            | spec.startDeadline: a list of 1",
        "probe: 3                       | spec.probe: 3 (accepted: a section)",
        "probe: { httpGet: { path: x } }             | spec.probe.httpGet.path: x (accepted: a path that starts with /",
        "probe: { httpGet: {}, ping: {} }            | spec.probe.ping: a section (accepted: one of httpGet, tcpSocket, ping, grpc, not httpGet too)",
        "probe: { ping: {}, protocol: HTTP1 }        | spec.probe.protocol: HTTP1 (accepted: auto | HTTP2: only HTTP/2 has a ping)",
        "probe: { ping: { path: / } }                | spec.probe.ping.path: unknown key",
        "probe: { tcpSocket: {}, protocol: auto }    | spec.probe.protocol: auto (accepted: nothing",
        "probe: { tcpSocket: {}, tls: {} }           | spec.probe.tls: a section (accepted: nothing",
        "probe: { grpc: {}, protocol: HTTP1 }        | spec.probe.protocol: HTTP1 (accepted: auto | HTTP2: gRPC is spoken over HTTP/2)",
        "probe: { grpc: { port: 0 } }                | spec.probe.grpc.port: 0 (accepted: null, or a whole number from 1 to 65535)",
        "probe: { grpc: { watch: maybe } }           | spec.probe.grpc.watch: maybe (accepted: true | false)",
        "probe: { grpc: { service: 'a b' } }         | spec.probe.grpc.service: \"a b\" (accepted: empty, or the name of a gRPC service",
        "probe: { appProtocol: smtp }                | spec.probe.appProtocol: smtp (accepted: kubernetes.io/h2c | grpc | http | https)",
        "probe: { tcpSocket: {}, appProtocol: grpc } | spec.probe.appProtocol: grpc (accepted: null: a TCP connect speaks no protocol)",
        "probe: { identityHeader: 'a:b' }            | spec.probe.identityHeader: \"a:b\" (accepted: a header's name",
        "probe: { httpGet: { httpHeaders: [ { name: a } ] } } | spec.probe.httpGet.httpHeaders[0].value: missing (accepted: a header's value",
        "probe: { tls: { clientCert: c.pem } }       | spec.probe.tls.clientCert: c.pem (accepted: null, unless spec.probe.tls.clientKey names its key)",
        "probe: { tls: { clientKey: k.pem } }        | spec.probe.tls.clientKey: k.pem (accepted: null, unless spec.probe.tls.clientCert names its certificate)",
        "probe: { initialDelay: 2m }                 | spec.probe.initialDelay: 2m (accepted: at most spec.startDeadline, 1m)",
        "probe: { backoff: 5s }                      | spec.probe.backoff: 5s (accepted: a list of 0 to 20 durations)",
        "probe: { backoff: [ 5 ] }                   | spec.probe.backoff[0]: 5 (accepted: a duration from 10ms to 1h",
        "probe: { backoff: [5s, 15s, 40s] }          | spec.probe.backoff[2]: 40s (accepted: less than 40s: initialDelay and all waits in turn end before spec.startDeadline, 1m)",
        "probe: { initialDelay: 50s, backoff: [10s] } | spec.probe.backoff[0]: 10s (accepted: less than 10s",
        "probe: { warmingRetries: 11 }               | spec.probe.warmingRetries: 11 (accepted: a whole number from 0 to 10)",
        "warmup: { requests: [ { path: /, method: POST } ] } | spec.warmup.requests[0].method: POST (accepted: GET | HEAD, or any with insist: true beside it)",
        "warmup: { requests: [ { path: / } ], until: dawn }  | spec.warmup.until: dawn (accepted: count | plateau)",
        "warmup: { requests: [ { path: / } ], plateau: {} }  | spec.warmup.plateau: a section (accepted: nothing, unless until is plateau)",
        "warmup: { requests: [ { path: / } ], perSecond: 0 } | spec.warmup.perSecond: 0 (accepted: null, or requests a second, from 0.1 to 100000)",
        "warmup: { requests: [ { path: / } ], pool: { connections: 65 } } | spec.warmup.pool.connections: 65 (accepted: a whole number from 1 to 64)",
        "probe: { tls: { enabled: maybe } }          | spec.probe.tls.enabled: maybe (accepted: auto | true | false)",
        "probe: { tls: { enabled: false, ca: x } }   | spec.probe.tls.ca: x (accepted: null: TLS is off)",
        "probe: { interval: 20s }                    | spec.probe.interval: 20s (accepted: at most spec.probe.readyInterval, 10s)",
        "probe: { readyInterval: 100ms }             | spec.probe.readyInterval: 100ms (accepted: at least spec.probe.interval, 200ms)",
        "startDeadline: 250ms                        | spec.startDeadline: 250ms (accepted: at least spec.probe.timeout, 300ms)",
        "startDeadline: 350ms                        | spec.startDeadline: 350ms (accepted: what lets 3 successes, 200ms apart",
        "probe: { successThreshold: 0 }              | spec.probe.successThreshold: 0",
        "warmup: null                                | spec.warmup: null (accepted: a section)",
        "warmup: { requests: [] }                    | spec.warmup.requests: a list of 0 (accepted: a list of 1 to 50 requests)",
        "warmup: { requests: [ / ] }                 | spec.warmup.requests[0]: / (accepted: a section)",
        "warmup: { requests: [ {path: /, method: get} ] }     | spec.warmup.requests[0].method: get (accepted: GET | HEAD",
        "warmup: { requests: [ {path: /, expect: [99]} ] }    | spec.warmup.requests[0].expect[0]: 99",
        "warmup: { requests: [ {path: /} ], count: 1 }        | spec.warmup.count: 1 (accepted: at least spec.warmup.connections, 2)",
        "warmup: { requests: [ {path: /} ], maxErrorRatio: 5 }| spec.warmup.maxErrorRatio: 5 (accepted: a ratio from 0 to 1)",
        "metrics: null                               | spec.metrics: null (accepted: a section)",
        "metrics: { scrape: null }                   | spec.metrics.scrape: null (accepted: a section, unless there is a prometheus)",
        "metrics: { scrape: { interval: 5s } }       | spec.metrics.scrape.interval: 5s (accepted: at most spec.birth.gateDefaults.interval, 1s)",
        "metrics: { prometheus: { url: localhost } } | spec.metrics.prometheus.url: localhost (accepted: an http or https URL",
        "metrics: { prometheus: {} }                 | spec.metrics.prometheus.url: missing",
        "metrics: { series: { errors: 5xx } }        | spec.metrics.series.errors: 5xx (accepted: label matchers",
        "metrics: { series: { requests: 'a b' } }    | spec.metrics.series.requests: \"a b\"",
        "birth: { ceiling: 1s, floor: 0s }           | spec.birth.ceiling: 1s (accepted: at least 7s, which the ladder's holds need)",
        "birth: { ceiling: 3s }                      | spec.birth.ceiling: 3s (accepted: at least spec.birth.floor, 5s)",
        "birth: { floor: 3m }                        | spec.birth.floor: 3m (accepted: at most spec.birth.ceiling, 2m)",
        "birth: { retryAfter: [] }                   | spec.birth.retryAfter: a list of 0",
        "birth: { retryAfter: [5s, x] }              | spec.birth.retryAfter[1]: x",
        "birth: { preset: reference }                | spec.birth.preset: reference (accepted: quick, unless spec.metrics.prometheus is given)",
        "birth: { ladder: [ {weight: 50} ] }         | spec.birth.ladder[0].weight: 50 (accepted: 100, for the last rung)",
        "birth: { ladder: [ {weight: 5}, {weight: 100} ] }    | spec.birth.ladder[0].hold: missing (accepted: a duration",
        "birth: { ladder: [ {weight: 5, hold: 5m}, {weight: 100} ] }               | spec.birth.ladder: a list of 2 (accepted: holds that need at most spec.birth.ceiling, 2m; these need 5m)",
        "birth: { ladder: [ {weight: 5, hold: 1s}, {weight: 5}, {weight: 100} ] }  | spec.birth.ladder[1].weight: 5 (accepted: more than the rung below, 5)",
        "birth: { ladder: [ {weight: 100, minRequests: 1} ] }                      | spec.birth.ladder[0].minRequests: 1 (accepted: 0, unless spec.metrics.scrape is given)",
        "birth: { ladder: [ {weight: 100, gates: [ {errors: {}} ]} ] }             | gates[0].errors: a section (accepted: no such gate, unless spec.metrics.scrape is given)",
        "birth: { ladder: [ {weight: 100, gates: [ {pressure: {resource: disk}} ]} ] } | gates[0].pressure.resource: disk (accepted: memory | cpu | io | retransmits)",
        "birth: { ladder: [ {weight: 100, gates: [ {pressure: {resource: cpu, backAbove: 2}} ]} ] } | gates[0].pressure.backAbove: 2 (accepted: a share from 0 to 1)",
        "birth: { ladder: [ {weight: 100, gates: [ {pressure: {resource: retransmits, backAbove: -1}} ]} ] } | gates[0].pressure.backAbove: -1 (accepted: segments per second, 0 or more)",
        "birth: { ladder: [ {weight: 100, gates: [ {pressure: {backAbove: 0.1}} ]} ] } | gates[0].pressure.resource: missing (accepted: memory | cpu | io | retransmits)",
        "birth: { ladder: [ {weight: 100, gates: [ {} ]} ] }                       | gates[0]: a section (accepted: one of errors, slow, promql, pressure in each item)",
      })
  void whatCannotBeIsRefusedWhereItStands(String line, String expected) {
    assertThat(problemsWith(line)).anySatisfy(problem -> assertThat(problem).contains(expected));
  }

  @Test
  void aPromqlGateNeedsAPrometheus() {
    String ladder =
        "birth: { ladder: [ { weight: 100, gates: [ { promql:"
            + " { query: up, passBelow: 1, backAbove: 2 } } ] } ] }";

    assertThat(problemsWith("metrics: {}\n  " + ladder))
        .singleElement()
        .asString()
        .contains("gates[0].promql: a section (accepted: no such gate, unless spec.metrics.prom");
  }

  @Test
  void thePresetsNeedForPrometheusIsSaidOnce() {
    assertThat(problemsWith("birth: { preset: reference }")).hasSize(1);
  }

  @Test
  void theBoundsOfAPromqlGateAreInOrder() {
    String policy =
        "metrics: { prometheus: { url: 'http://[::1]:9090' } }\n"
            + "  birth: { ladder: [ { weight: 100, gates: [ { promql:"
            + " { query: up, passBelow: 3, backAbove: 2 } } ] } ] }";

    assertThat(problemsWith(policy))
        .singleElement()
        .asString()
        .contains("passBelow: 3 (accepted: at most backAbove, 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nowhere:80",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.256:80",
        "127.0.0.01:80",
        "0.0.0.0:80",
        "224.0.0.1:80",
        "255.255.255.255:80",
        "::1:80",
        "[::1]",
        "[::]:80",
        "[ff02::1]:80",
        "[::ffff:102:304]:80",
        "[abcd]:80",
        "[fe80::1%eth0]:80",
        "[1::2::3]:80",
        "999.1.1.1:80",
        ":80",
        "127.0.0.1:80/path"
      })
  void anAddressThatNoHostCanHaveIsRefused(String address) {
    String policy = HEAD.replace("127.100.0.1:8080", '"' + address + '"');

    assertThat(lines(policy)).singleElement().asString().contains("spec.service: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "UPPER", "under_score", "a.b", "name with space"})
  void aNameOutsideThePatternIsRefused(String name) {
    assertThat(lines(HEAD.replace("orders", '"' + name + '"')))
        .singleElement()
        .asString()
        .contains("metadata.name: ")
        .contains("1 to 40 of a-z, 0-9 and -");
  }

  @Test
  void aNameOfFortyIsAcceptedAndOneMoreIsNot() {
    assertThat(lines(HEAD.replace("orders", "a".repeat(40)))).isEmpty();
    assertThat(lines(HEAD.replace("orders", "a".repeat(41)))).hasSize(1);
  }

  private static List<String> problemsWith(String line) {
    return lines(HEAD + "  " + line + "\n");
  }

  private static List<String> lines(String policy) {
    return PolicyReader.read(policy, "orders.yaml", Mode.RAMP).problems().stream()
        .map(Problem::toString)
        .toList();
  }
}
