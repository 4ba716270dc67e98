package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.ClientCertificate;
import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.Patience;
import dev.thaw.config.WarmupPolicy.Pool;
import dev.thaw.config.WarmupPolicy.PoolPace;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Question;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes a policy as YAML with every default filled in; reading it gives an equal policy. */
public final class PolicyWriter {

  private final StringBuilder out = new StringBuilder();

  private PolicyWriter() {}

  /** The policy as YAML, as {@code thaw policy show} prints it. */
  public static String write(WarmupPolicy policy) {
    PolicyWriter writer = new PolicyWriter();
    writer.policy(policy);
    return writer.out.toString();
  }

  private void policy(WarmupPolicy policy) {
    line(0, "apiVersion: " + PolicyReader.API_VERSION);
    line(0, "kind: " + PolicyReader.KIND);
    line(0, "metadata:");
    line(1, "name: " + quoted(policy.name()));
    line(0, "spec:");
    line(1, "mode: " + Choices.word(Choices.MODES, policy.mode()));
    line(1, "service: " + quoted(policy.service().toString()));
    line(1, "target: { port: " + policy.targetPort() + " }");
    line(1, "startDeadline: " + text(policy.startDeadline()));
    probe(policy.probe());
    policy.warmup().ifPresent(this::warmup);
    policy.metrics().ifPresent(this::metrics);
    birth(policy.birth());
  }

  private void probe(Probe probe) {
    line(1, "probe:");
    question(probe);
    if (probe.kind() != ProbeKind.TCP_CONNECT) { // a connect has none of these
      Tls tls = probe.tls();
      line(2, "protocol: " + Choices.word(Choices.PROTOCOLS, probe.protocol()));
      line(
          2,
          "appProtocol: "
              + probe
                  .appProtocol()
                  .map(known -> Choices.word(Choices.APP_PROTOCOLS, known))
                  .orElse("null"));
      line(2, "authority: " + orNull(probe.authority()));
      line(2, "identityHeader: " + quoted(probe.question().identityHeader()));
      line(2, "tls:");
      line(3, "enabled: " + Choices.word(Choices.TLS_USES, tls.use()));
      line(3, "ca: " + orNull(tls.ca()));
      line(3, "serverName: " + orNull(tls.serverName()));
      line(3, "clientCert: " + orNull(tls.client().map(ClientCertificate::certificate)));
      line(3, "clientKey: " + orNull(tls.client().map(ClientCertificate::key)));
    }
    Patience patience = probe.patience();
    line(2, "initialDelay: " + text(patience.initialDelay()));
    line(2, "timeout: " + text(probe.timeout()));
    line(2, "interval: " + text(probe.interval()));
    line(2, "warmingInterval: " + text(patience.warmingInterval()));
    line(2, "warmingRetries: " + patience.warmingRetries());
    line(2, "readyInterval: " + text(probe.readyInterval()));
    line(2, "readyTimeout: " + patience.readyTimeout().map(PolicyWriter::text).orElse("null"));
    line(2, "readyRetries: " + patience.readyRetries());
    line(2, "backoff: " + list(patience.backoff()));
    line(2, "successThreshold: " + probe.successThreshold());
    line(2, "failureThreshold: " + probe.failureThreshold());
  }

  private void question(Probe probe) {
    Question question = probe.question();
    line(2, Choices.word(Choices.PROBE_KINDS, probe.kind()) + ":");
    line(3, "port: " + probe.port().map(String::valueOf).orElse("null"));
    if (probe.kind() == ProbeKind.HTTP_GET) {
      line(3, "path: " + quoted(question.path()));
      line(3, question.headers().isEmpty() ? "httpHeaders: []" : "httpHeaders:");
      question
          .headers()
          .forEach(
              header ->
                  line(
                      4,
                      "- { name: %s, value: %s }"
                          .formatted(quoted(header.name()), quoted(header.value()))));
    } else if (probe.kind() == ProbeKind.GRPC) {
      line(3, "service: " + quoted(question.service()));
      line(3, "watch: " + question.watch());
    }
  }

  private void warmup(Warmup warmup) {
    line(1, "warmup:");
    line(2, "requests:");
    for (WarmupRequest request : warmup.requests()) {
      line(3, "- path: " + quoted(request.path()));
      line(3, "  method: " + request.method());
      line(3, "  expect: " + request.expect());
      line(3, "  insist: " + !WarmupReader.REPEATABLE.contains(request.method()));
    }
    line(2, "count: " + warmup.count());
    line(2, "connections: " + warmup.connections());
    line(2, "perSecond: " + warmup.perSecond().map(PolicyWriter::text).orElse("null"));
    line(2, "until: " + Choices.word(Choices.ENDS_ON_PLATEAU, warmup.plateau().isPresent()));
    warmup
        .plateau()
        .ifPresent(
            plateau ->
                line(
                    2,
                    "plateau: { window: %d, tolerance: %s }"
                        .formatted(plateau.window(), text(plateau.tolerance()))));
    warmup.pool().ifPresent(this::pool);
    line(2, "timeLimit: " + text(warmup.timeLimit()));
    line(2, "maxErrorRatio: " + text(warmup.maxErrorRatio()));
  }

  private void pool(Pool pool) {
    line(2, "pool:");
    line(3, "connections: " + pool.connections());
    line(3, "inRow: " + pool.inRow());
    line(3, "warmBelow: " + text(pool.warmBelow()));
    line(3, "warming: " + pace(pool.warming()));
    line(3, "ready: " + pace(pool.ready()));
  }

  private static String pace(PoolPace pace) {
    return "{ interval: %s, retries: %d, timeout: %s }"
        .formatted(text(pace.interval()), pace.retries(), text(pace.timeout()));
  }

  private static String list(List<Duration> durations) {
    return durations.stream().map(PolicyWriter::text).collect(Collectors.joining(", ", "[", "]"));
  }

  private void metrics(Metrics metrics) {
    line(1, "metrics:");
    metrics
        .scrape()
        .ifPresentOrElse(
            scrape -> {
              line(2, "scrape:");
              line(3, "port: " + scrape.port());
              line(3, "path: " + quoted(scrape.path()));
              line(3, "interval: " + text(scrape.interval()));
            },
            () -> line(2, "scrape: null"));
    line(
        2,
        metrics
            .prometheus()
            .map(url -> "prometheus: { url: " + quoted(url.toString()) + " }")
            .orElse("prometheus: null"));
    line(2, "series:");
    line(3, "requests: " + quoted(metrics.series().requests()));
    line(3, "errors: " + quoted(metrics.series().errors()));
    line(3, "latency: " + quoted(metrics.series().latency()));
    line(2, "slowAfter: " + text(metrics.slowAfter()));
  }

  private void birth(Birth birth) {
    line(1, "birth:");
    line(2, "preset: " + birth.preset());
    line(2, "floor: " + text(birth.floor()));
    line(2, "ceiling: " + birth.ceiling().map(PolicyWriter::text).orElse("null"));
    line(2, "maxBreaches: " + birth.maxBreaches());
    line(2, "retryAfter: " + list(birth.retryAfter()));
    line(2, "gateDefaults:");
    line(3, "interval: " + text(birth.gateDefaults().interval()));
    line(3, "initialDelay: " + text(birth.gateDefaults().initialDelay()));
    line(2, "ladder:");
    for (Rung rung : birth.ladder()) {
      line(3, "- weight: " + rung.weight());
      line(3, "  hold: " + text(rung.hold()));
      line(3, "  minRequests: " + rung.minRequests());
      line(3, rung.gates().isEmpty() ? "  gates: []" : "  gates:");
      rung.gates().forEach(this::gate);
    }
  }

  private void gate(Gate gate) {
    if (gate instanceof ErrorGate errors) {
      line(
          5,
          "- errors: { overPeers: %s, minErrors: %d }"
              .formatted(text(errors.overPeers()), errors.minErrors()));
    } else if (gate instanceof SlowGate slow) {
      line(5, "- slow: { overPeers: " + text(slow.overPeers()) + " }");
    } else if (gate instanceof PromqlGate promql) {
      line(5, "- promql:");
      line(7, "query: " + quoted(promql.query()));
      line(7, "passBelow: " + text(promql.passBelow()));
      line(7, "backAbove: " + text(promql.backAbove()));
    } else if (gate instanceof PressureGate pressure) {
      line(
          5,
          "- pressure: { resource: %s, backAbove: %s }"
              .formatted(
                  Choices.word(Choices.PRESSURES, pressure.resource()),
                  text(pressure.backAbove())));
    } else {
      throw new IllegalArgumentException("no way to write a " + gate.getClass());
    }
  }

  private void line(int depth, String text) {
    out.append("  ".repeat(depth)).append(text).append('\n');
  }

  private static String text(Duration duration) {
    return DurationText.print(duration);
  }

  private static String text(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static String orNull(Optional<String> text) {
    return text.map(PolicyWriter::quoted).orElse("null");
  }

  /** Double-quoted, so that no text can be taken for a number, a null or YAML's own signs. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            character -> {
              if (character == '"' || character == '\\') {
                quoted.append('\\').appendCodePoint(character);
              } else if (character >= 0x20 && character < 0x7f) {
                quoted.appendCodePoint(character);
              } else {
                quoted.append("\\U%08X".formatted(character));
              }
            });
    return quoted.append('"').toString();
  }
}
