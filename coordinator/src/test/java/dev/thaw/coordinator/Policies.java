package dev.thaw.coordinator;

import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.Patience;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Protocol;
import dev.thaw.config.WarmupPolicy.Question;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.Scrape;
import dev.thaw.config.WarmupPolicy.Series;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.TlsUse;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Policies for tests, as records: the shapes of the shipped presets. */
public final class Policies {
  public static final List<Gate> RELATIVE = List.of(new ErrorGate(0.05, 2), new SlowGate(0.10));

  private Policies() {}

  /** The default: seconds, a ceiling, relative gates, counters, no warm-up requests. */
  public static WarmupPolicy quick() {
    return with(Mode.RAMP, Optional.empty(), Optional.of(scraped()), quickBirth());
  }

  /** The same without any source of figures. */
  public static WarmupPolicy blind() {
    return with(Mode.RAMP, Optional.empty(), Optional.empty(), quickBirth());
  }

  /** The default's rungs without counters, held to a tenth of memory pressure. */
  public static WarmupPolicy pressed() {
    Birth quick = quickBirth();
    return with(
        Mode.RAMP,
        Optional.empty(),
        Optional.empty(),
        new Birth(
            quick.preset(),
            quick.floor(),
            quick.ceiling(),
            quick.maxBreaches(),
            quick.retryAfter(),
            quick.gateDefaults(),
            quick.ladder().stream()
                .map(
                    rung ->
                        new Rung(
                            rung.weight(),
                            rung.hold(),
                            0,
                            List.of(new PressureGate(Pressure.MEMORY, 0.10))))
                .toList()));
  }

  /** The reference's ladder: minutes, no ceiling, absolute gates. */
  public static WarmupPolicy reference() {
    return with(Mode.RAMP, Optional.empty(), Optional.of(scraped()), referenceBirth());
  }

  public static WarmupPolicy inMode(Mode mode) {
    return with(mode, Optional.empty(), Optional.of(scraped()), quickBirth());
  }

  public static WarmupPolicy warming() {
    return with(Mode.RAMP, Optional.of(warmup()), Optional.of(scraped()), quickBirth());
  }

  public static WarmupPolicy climbing(Birth birth) {
    return with(Mode.RAMP, Optional.empty(), Optional.of(scraped()), birth);
  }

  public static Warmup warmup() {
    return new Warmup(
        List.of(new WarmupRequest("/", "GET", List.of(200))),
        100,
        2,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        seconds(10),
        0.05);
  }

  public static Metrics scraped() {
    return new Metrics(
        Optional.of(new Scrape(9100, "/metrics", seconds(1))),
        Optional.empty(),
        new Series("http_requests_total", "code=~\"5..\"", "http_request_duration_seconds"),
        Duration.ofMillis(250));
  }

  public static Birth quickBirth() {
    return new Birth(
        "quick",
        seconds(5),
        Optional.of(seconds(120)),
        3,
        List.of(seconds(5), seconds(15), seconds(45)),
        new GateDefaults(seconds(1), Duration.ZERO),
        List.of(
            new Rung(1, seconds(2), 0, RELATIVE),
            new Rung(5, seconds(2), 10, RELATIVE),
            new Rung(20, seconds(3), 20, RELATIVE),
            new Rung(100, seconds(10), 0, RELATIVE)));
  }

  public static Birth referenceBirth() {
    return new Birth(
        "reference",
        Duration.ZERO,
        Optional.empty(),
        3,
        List.of(seconds(60)),
        new GateDefaults(seconds(30), Duration.ZERO),
        List.of(
            new Rung(1, Duration.ofMinutes(2), 0, List.of()),
            new Rung(5, Duration.ofMinutes(5), 0, List.of(new PromqlGate("errors", 0.01, 0.03))),
            new Rung(20, Duration.ofMinutes(10), 0, List.of(new PromqlGate("p95", 0.8, 1.2))),
            new Rung(100, Duration.ofMinutes(15), 0, List.of(new PromqlGate("p95", 0.8, 1.2)))));
  }

  public static WarmupPolicy with(
      Mode mode, Optional<Warmup> warmup, Optional<Metrics> metrics, Birth birth) {
    return new WarmupPolicy(
        "orders",
        mode,
        new Endpoint("127.100.0.1", 8080),
        8080,
        seconds(60),
        new Probe(
            ProbeKind.HTTP_GET,
            new Question("/healthz", List.of(), "Thaw-Probe", "", false),
            Optional.empty(),
            Protocol.AUTO,
            Optional.empty(),
            Optional.empty(),
            new Tls(TlsUse.AUTO, Optional.empty(), Optional.empty(), Optional.empty()),
            Duration.ofMillis(300),
            Duration.ofMillis(200),
            seconds(10),
            3,
            3,
            new Patience(Duration.ZERO, seconds(1), 2, Optional.empty(), 1, List.of())),
        warmup,
        metrics,
        birth);
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
