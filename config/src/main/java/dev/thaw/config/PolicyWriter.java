package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.math.BigDecimal;
import java.time.Duration;
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
    String kind = Choices.word(Choices.PROBE_KINDS, probe.kind());
    line(
        2,
        kind
            + (probe.kind() == ProbeKind.HTTP_GET
                ? ": { path: " + quoted(probe.path()) + " }"
                : ": {}"));
    if (probe.kind() != ProbeKind.TCP_CONNECT) { // a connect has neither
      Tls tls = probe.tls();
      line(2, "protocol: " + Choices.word(Choices.PROTOCOLS, probe.protocol()));
      line(2, "tls:");
      line(3, "enabled: " + Choices.word(Choices.TLS_USES, tls.use()));
      line(3, "ca: " + orNull(tls.ca()));
      line(3, "serverName: " + orNull(tls.serverName()));
    }
    line(2, "timeout: " + text(probe.timeout()));
    line(2, "interval: " + text(probe.interval()));
    line(2, "readyInterval: " + text(probe.readyInterval()));
    line(2, "successThreshold: " + probe.successThreshold());
    line(2, "failureThreshold: " + probe.failureThreshold());
  }

  private void warmup(Warmup warmup) {
    line(1, "warmup:");
    line(2, "requests:");
    for (WarmupRequest request : warmup.requests()) {
      line(3, "- path: " + quoted(request.path()));
      line(3, "  method: " + request.method());
      line(3, "  expect: " + request.expect());
    }
    line(2, "count: " + warmup.count());
    line(2, "connections: " + warmup.connections());
    line(2, "timeLimit: " + text(warmup.timeLimit()));
    line(2, "maxErrorRatio: " + text(warmup.maxErrorRatio()));
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
    line(
        2,
        birth.retryAfter().stream()
            .map(PolicyWriter::text)
            .collect(Collectors.joining(", ", "retryAfter: [", "]")));
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
