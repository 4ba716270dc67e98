package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.AppProtocol;
import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.ClientCertificate;
import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Header;
import dev.thaw.config.WarmupPolicy.Metrics;
import dev.thaw.config.WarmupPolicy.Patience;
import dev.thaw.config.WarmupPolicy.Plateau;
import dev.thaw.config.WarmupPolicy.Pool;
import dev.thaw.config.WarmupPolicy.PoolPace;
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
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Makes every kind of policy that can be said. */
final class Policies {

  private Policies() {}

  static Arbitrary<WarmupPolicy> valid() {
    return metrics()
        .flatMap(
            metrics ->
                Combinators.combine(
                        Arbitraries.strings()
                            .withChars("abcdefghijklmnopqrstuvwxyz0123456789-")
                            .ofMinLength(1)
                            .ofMaxLength(40),
                        Arbitraries.of(Mode.class),
                        services(),
                        Arbitraries.integers().between(1, 65_535),
                        millis(60_000, 86_400_000),
                        probes(),
                        warmups().optional(),
                        births(metrics))
                    .as(
                        (name, mode, service, port, deadline, probe, warmup, birth) ->
                            new WarmupPolicy(
                                name, mode, service, port, deadline, probe, warmup, metrics,
                                birth)));
  }

  private static Arbitrary<Endpoint> services() {
    return Combinators.combine(
            Arbitraries.of("127.100.0.1", "10.255.0.9", "::1", "fd00::1:0:0:2", "1:0:0:2::3"),
            Arbitraries.integers().between(1, 65_535))
        .as(Endpoint::new);
  }

  private static Arbitrary<Probe> probes() {
    return Combinators.combine(
            Arbitraries.of(ProbeKind.class),
            questions(),
            Arbitraries.integers().between(1, 65_535).optional(),
            Arbitraries.of(Protocol.class),
            speech(),
            millis(1, 60_000),
            millis(10, 600),
            Combinators.combine(
                    millis(600, 3_600_000), Arbitraries.integers().between(1, 100), patience())
                .as(Pace::new))
        .as(Policies::probe);
  }

  /** How it is spoken to. */
  private record Speech(Optional<AppProtocol> appProtocol, Optional<String> authority, Tls tls) {}

  private record Pace(Duration readyInterval, int threshold, Patience patience) {}

  private static Arbitrary<Speech> speech() {
    return Combinators.combine(
            Arbitraries.of(AppProtocol.class).optional(),
            Arbitraries.of("shop.example:8080", "null").optional(),
            tls())
        .as(Speech::new);
  }

  private static Arbitrary<Question> questions() {
    Arbitrary<Header> headers =
        Combinators.combine(
                Arbitraries.of("X-Tenant", "Accept"), Arbitraries.of("a", "b: \"c\" #", "null"))
            .as(Header::new);
    return Combinators.combine(
            paths(),
            headers.list().ofMaxSize(3),
            Arbitraries.of("Thaw-Probe", "X-Probe"),
            Arbitraries.of("", "shop.Orders"),
            Arbitraries.of(true, false))
        .as(Question::new);
  }

  /** Together with its waits the delay ends before the earliest deadline. */
  private static Arbitrary<Patience> patience() {
    return Combinators.combine(
            millis(0, 30_000),
            millis(10, 3_600_000),
            Arbitraries.integers().between(0, 10),
            millis(1, 60_000).optional(),
            Arbitraries.integers().between(0, 10),
            millis(10, 5_000).list().ofMaxSize(5))
        .as(Patience::new);
  }

  /** What a kind of probe has no use for holds its default. */
  private static Probe probe(
      ProbeKind kind,
      Question question,
      Optional<Integer> port,
      Protocol protocol,
      Speech speech,
      Duration timeout,
      Duration interval,
      Pace pace) {
    boolean tcp = kind == ProbeKind.TCP_CONNECT;
    boolean get = kind == ProbeKind.HTTP_GET;
    boolean grpc = kind == ProbeKind.GRPC;
    return new Probe(
        kind,
        new Question(
            get ? question.path() : "/",
            get ? question.headers() : List.of(),
            tcp ? "Thaw-Probe" : question.identityHeader(),
            grpc ? question.service() : "",
            grpc && question.watch()),
        port,
        tcp || (!get && protocol == Protocol.HTTP1) ? Protocol.AUTO : protocol,
        tcp ? Optional.empty() : speech.appProtocol(),
        tcp ? Optional.empty() : speech.authority(),
        tcp
            ? new Tls(TlsUse.AUTO, Optional.empty(), Optional.empty(), Optional.empty())
            : speech.tls(),
        timeout,
        interval,
        pace.readyInterval(),
        pace.threshold(),
        101 - pace.threshold(),
        pace.patience());
  }

  private static Arbitrary<Tls> tls() {
    Arbitrary<Optional<String>> words = Arbitraries.of("null", "~", "/etc/ca.pem", "é").optional();
    Arbitrary<Optional<ClientCertificate>> client =
        Combinators.combine(Arbitraries.of("/c.pem", "null"), Arbitraries.of("/k.pem", "~"))
            .as(ClientCertificate::new)
            .optional();
    return Combinators.combine(Arbitraries.of(TlsUse.class), words, words, client)
        .as(
            (use, ca, name, files) ->
                use == TlsUse.FALSE
                    ? new Tls(use, Optional.empty(), Optional.empty(), Optional.empty())
                    : new Tls(
                        ca.isPresent() || name.isPresent() || files.isPresent() ? TlsUse.TRUE : use,
                        ca,
                        name,
                        files));
  }

  private static Arbitrary<Warmup> warmups() {
    return Combinators.combine(
            requests().list().ofMinSize(1).ofMaxSize(5),
            Arbitraries.integers().between(64, 100_000),
            Arbitraries.integers().between(1, 64),
            Arbitraries.of(0.1, 2.5, 100_000.0).optional(),
            Combinators.combine(Arbitraries.integers().between(2, 10_000), ratios())
                .as(Plateau::new)
                .optional(),
            pools().optional(),
            millis(1, 3_600_000),
            ratios())
        .as(Warmup::new);
  }

  private static Arbitrary<Pool> pools() {
    Arbitrary<PoolPace> paces =
        Combinators.combine(
                millis(10, 3_600_000), Arbitraries.integers().between(0, 10), millis(1, 60_000))
            .as(PoolPace::new);
    return Combinators.combine(
            Arbitraries.integers().between(1, 64),
            Arbitraries.integers().between(1, 100),
            millis(1, 60_000),
            paces,
            paces)
        .as(Pool::new);
  }

  private static Arbitrary<WarmupRequest> requests() {
    return Combinators.combine(
            paths(),
            Arbitraries.of(Choices.METHODS.values()),
            Arbitraries.integers().between(100, 599).list().ofMinSize(1).ofMaxSize(5))
        .as(WarmupRequest::new);
  }

  private static Arbitrary<Optional<Metrics>> metrics() {
    Arbitrary<Metrics> some =
        Combinators.combine(
                scrapes().optional(),
                Arbitraries.of("http://127.0.0.1:9090", "https://[::1]/base").map(URI::create),
                Arbitraries.of(true, false),
                series(),
                millis(1, 3_600_000))
            .as(
                (scrape, url, asks, series, slowAfter) ->
                    new Metrics(
                        scrape,
                        asks || scrape.isEmpty() ? Optional.of(url) : Optional.empty(),
                        series,
                        slowAfter));
    return some.optional();
  }

  private static Arbitrary<Scrape> scrapes() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 65_535), paths(), millis(100, 1_000))
        .as(Scrape::new);
  }

  private static Arbitrary<Series> series() {
    return Combinators.combine(
            Arbitraries.of("http_requests_total", "a:b{x=\"y\", z!~\"q\\\"}\"}"),
            Arbitraries.of("code=~\"5..\"", "a=\"#\",b!=\"\""),
            Arbitraries.of("latency", "latency{le=\"é\"}"))
        .as(Series::new);
  }

  private static Arbitrary<Birth> births(Optional<Metrics> metrics) {
    return Combinators.combine(
            Arbitraries.of("quick", "reference"),
            millis(0, 3_600_000),
            Arbitraries.of(true, false),
            Arbitraries.integers().between(1, 100),
            millis(1, 86_400_000).list().ofMinSize(1).ofMaxSize(20),
            millis(1_000, 3_600_000),
            millis(0, 3_600_000),
            ladders(metrics))
        .as(
            (preset, floor, endless, breaches, retryAfter, interval, delay, ladder) ->
                new Birth(
                    preset.equals("reference") && asks(metrics) ? preset : "quick",
                    floor,
                    endless ? Optional.empty() : Optional.of(Limits.DAY),
                    breaches,
                    retryAfter,
                    new GateDefaults(interval, delay),
                    ladder));
  }

  private static Arbitrary<List<Rung>> ladders(Optional<Metrics> metrics) {
    return Combinators.combine(
            Arbitraries.integers().between(1, 99).set().ofMaxSize(7),
            rungs(metrics).list().ofSize(8))
        .as(
            (weights, rungs) -> {
              var rising = new TreeSet<>(weights);
              rising.add(100);
              List<Rung> ladder = new ArrayList<>();
              for (int weight : rising) {
                Rung like = rungs.get(ladder.size());
                ladder.add(new Rung(weight, like.hold(), like.minRequests(), like.gates()));
              }
              return ladder;
            });
  }

  private static Arbitrary<Rung> rungs(Optional<Metrics> metrics) {
    return Combinators.combine(
            millis(1, 600_000),
            Arbitraries.integers().between(0, scrapes(metrics) ? 1_000_000 : 0),
            gates(metrics))
        .as((hold, minRequests, gates) -> new Rung(1, hold, minRequests, gates));
  }

  private static Arbitrary<List<Gate>> gates(Optional<Metrics> metrics) {
    List<Arbitrary<Gate>> possible = new ArrayList<>();
    possible.add(
        Combinators.combine(Arbitraries.of(Pressure.class), ratios()).as(PressureGate::new));
    if (scrapes(metrics)) {
      possible.add(
          Combinators.combine(ratios(), Arbitraries.integers().between(1, 1_000_000))
              .as(ErrorGate::new));
      possible.add(ratios().map(SlowGate::new));
    }
    if (asks(metrics)) {
      possible.add(
          Combinators.combine(
                  Arbitraries.of("up", "rate(a{instance=\"$instance\"}[1m])", "x\n  + \"\\d\""),
                  Arbitraries.doubles().between(-1e6, 0),
                  Arbitraries.doubles().between(0, 1e6))
              .as(PromqlGate::new));
    }
    return Arbitraries.oneOf(possible).list().ofMaxSize(4);
  }

  private static boolean scrapes(Optional<Metrics> metrics) {
    return metrics.flatMap(Metrics::scrape).isPresent();
  }

  private static boolean asks(Optional<Metrics> metrics) {
    return metrics.flatMap(Metrics::prometheus).isPresent();
  }

  private static Arbitrary<Double> ratios() {
    return Arbitraries.doubles().between(0, 1).ofScale(6).map(ratio -> ratio + 0.0);
  }

  private static Arbitrary<String> paths() {
    return Arbitraries.strings().withCharRange('!', '~').ofMaxLength(40).map("/"::concat);
  }

  private static Arbitrary<Duration> millis(long least, long most) {
    return Arbitraries.longs().between(least, most).map(Duration::ofMillis);
  }
}
