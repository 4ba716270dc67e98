package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.Start.PackageInit;
import dev.thaw.app.trace.Start.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Says in plain sentences what a start spends its time on and what would save how much of it. Every
 * figure is of this start, except the two signatures' speeds. Pure.
 */
final class Advice {
  /**
   * One signature, measured with Go 1.26 on amd64: {@code rsa.SignPSS} with 2048 bits and {@code
   * ecdsa.SignASN1} on P-256. Only their ratio is used.
   */
  private static final double RSA_2048_MICROS = 1_030;

  private static final double P256_MICROS = 42;

  private static final double WORTH_A_SENTENCE = 0.05;
  private static final long WORTH_NANOS = 2_000_000;
  private static final double MANY_TIMES = 3;
  private static final double NOTABLE_CURVE = 1.15;

  /** There was no connection: nothing to say of it. */
  private static final FirstConnection NEVER =
      new FirstConnection(0, 0, 0, 0, 0, 0, 0, Optional.empty());

  private final Start start;
  private final Setting setting;
  private final long whole;
  private final List<Item> items = new ArrayList<>();

  /**
   * One finding.
   *
   * @param saves nanoseconds it would spare each start at most; 0 where it only explains
   */
  record Item(String sentence, long saves) {}

  private Advice(Start start, Setting setting) {
    this.start = start;
    this.setting = setting;
    this.whole = start.at(Start.FIRST_200).orElse(start.at(Start.LISTEN).orElse(0));
  }

  /** What dominates first, then what saves most. */
  static List<Item> of(Start start, Setting setting) {
    var advice = new Advice(start, setting);
    if (advice.whole == 0) {
      return List.of(
          new Item(
              "It never served: "
                  + (start.end().isEmpty() ? "no port listened" : start.end())
                  + ".",
              0));
    }
    Item first = advice.dominant();
    advice.throttling();
    advice.lazyInit();
    advice.collector();
    advice.firstRequest();
    advice.keyType();
    advice.curve();
    advice.pool();
    advice.processors();
    advice.loading();
    advice.disk();
    advice.items.sort(Comparator.comparingLong(Item::saves).reversed());
    advice.items.add(0, first);
    return List.copyOf(advice.items);
  }

  private Item dominant() {
    Waterfall.Span longest =
        Waterfall.of(start).stream()
            .filter(span -> span.depth() == 0 && span.from() < whole)
            .max(Comparator.comparingLong(Waterfall.Span::duration))
            .orElse(new Waterfall.Span("the start", 0, 0, whole, ""));
    return new Item(
        "From exec to %s it took %s; most of it, %s (%s), was \"%s\"."
            .formatted(
                start.at(Start.FIRST_200).isPresent() ? "the first 200" : "listen",
                Words.millis(whole),
                Words.millis(longest.duration()),
                Words.share((double) longest.duration() / whole),
                longest.name()),
        0);
  }

  private void throttling() {
    Reading at = Measures.reading(start, whole);
    if (setting.millicores().isEmpty() || at.throttled() < WORTH_A_SENTENCE * whole) {
      return;
    }
    items.add(
        new Item(
            "It stood still for %s of that (%s) because %dm of CPU were used up, in %d periods; without the limit, or with one that is raised during the start, the first 200 would come up to %s sooner."
                .formatted(
                    Words.millis(at.throttled()),
                    Words.share((double) at.throttled() / whole),
                    setting.millicores().getAsInt(),
                    at.throttledPeriods(),
                    Words.millis(Math.min(whole, at.throttled()))),
            Math.min(whole, at.throttled())));
  }

  private void lazyInit() {
    for (PackageInit each : PackageInits.costly(start.packages(), 3)) {
      if (each.duration() < WORTH_A_SENTENCE * whole || each.duration() < WORTH_NANOS) {
        continue;
      }
      String made =
          each.bytes() < 0
              ? ""
              : " and allocates %s in %d pieces"
                  .formatted(Words.bytes(each.bytes()), each.allocations());
      items.add(
          new Item(
              "The initialisation of package %s takes %s (%s of the start)%s, before main can do anything; built at first use (sync.Once), or at build time, it would save up to that."
                  .formatted(
                      each.name(),
                      Words.millis(each.duration()),
                      Words.share((double) each.duration() / whole),
                      made),
              each.duration()));
    }
  }

  private void collector() {
    long period = setting.samplePeriod();
    long collecting =
        period
            * start.samples().stream()
                .filter(sample -> !sample.fault() && sample.at() <= whole)
                .filter(
                    sample ->
                        Phases.of(start.stacks().get(sample.stack()), false)
                            .equals("Go garbage collector"))
                .count();
    if (collecting >= WORTH_A_SENTENCE * whole && collecting >= WORTH_NANOS) {
      items.add(
          new Item(
              "The garbage collector used %s of processor time before the first 200; a higher GOGC for the start, with GOMEMLIMIT as the guard, would spare most of it."
                  .formatted(Words.millis(collecting)),
              setting.millicores().isPresent()
                  ? collecting
                  : collecting / Math.max(1, setting.cpus())));
    }
  }

  private void firstRequest() {
    OptionalLong warm = Measures.warm(start);
    if (start.calls().isEmpty() || warm.isEmpty()) {
      return;
    }
    long first = start.calls().get(0).latency();
    if (first < MANY_TIMES * warm.getAsLong() || first - warm.getAsLong() < WORTH_NANOS) {
      return;
    }
    long cold =
        start.calls().stream()
            .filter(call -> call.latency() > MANY_TIMES * warm.getAsLong())
            .count();
    items.add(
        new Item(
            "The first request took %s, a warm one takes %s; %d of %d requests were more than three times slower than warm. Warm-up requests before the first user (warmup: in a policy) would take that from users: %s for the first of them."
                .formatted(
                    Words.millis(first),
                    Words.millis(warm.getAsLong()),
                    cold,
                    start.calls().size(),
                    Words.millis(first - warm.getAsLong())),
            first - warm.getAsLong()));
  }

  private void keyType() {
    FirstConnection first = start.first().orElse(NEVER);
    if (first.tlsFacts().isEmpty()) {
      return;
    }
    String key = first.tlsFacts().get().key();
    OptionalLong half = start.keyExchange().stream().mapToLong(KeyExchange::median).min();
    if (!key.startsWith("RSA-") || half.isEmpty()) {
      return;
    }
    long saved =
        (long)
            Math.min(
                half.getAsLong() * (1 - P256_MICROS / RSA_2048_MICROS),
                (RSA_2048_MICROS - P256_MICROS) * 1e3 * larger(key));
    items.add(
        new Item(
            "The certificate's key is %s: the server's half of a warm handshake takes %s, and the first one took %s. A P-256 signature needs about 1/%.0f of an RSA-2048 one's time, so a P-256 certificate would save about %s per handshake."
                .formatted(
                    key,
                    Words.millis(half.getAsLong()),
                    Words.millis(first.serverHello()),
                    RSA_2048_MICROS / P256_MICROS,
                    Words.millis(saved)),
            saved));
  }

  /** Signing grows with the cube of the key's length. */
  private static double larger(String key) {
    double bits = Integer.parseInt(key.substring("RSA-".length()));
    return Math.max(1, Math.pow(bits / 2048, 3));
  }

  private void curve() {
    OptionalLong x25519 = measured("X25519");
    OptionalLong p256 = measured("P-256");
    if (x25519.isEmpty() || p256.isEmpty()) {
      return;
    }
    boolean x25519Faster = x25519.getAsLong() <= p256.getAsLong();
    long faster = Math.min(x25519.getAsLong(), p256.getAsLong());
    long slower = Math.max(x25519.getAsLong(), p256.getAsLong());
    String better = x25519Faster ? "X25519" : "P-256";
    String agreed =
        start.first().flatMap(FirstConnection::tlsFacts).map(Start.TlsFacts::curve).orElse("");
    boolean notable = slower >= NOTABLE_CURVE * faster;
    items.add(
        new Item(
            "Key exchange: with X25519 the server's half takes %s, with P-256 %s; %s"
                .formatted(
                    Words.millis(x25519.getAsLong()),
                    Words.millis(p256.getAsLong()),
                    !notable
                        ? "the curve makes no difference worth a change."
                        : agreed.equals(better)
                            ? better + " was agreed on, the faster one."
                            : "%s would save %s per handshake over the slower."
                                .formatted(better, Words.millis(slower - faster))),
            notable && !agreed.equals(better) ? slower - faster : 0));
  }

  private OptionalLong measured(String curve) {
    return start.keyExchange().stream()
        .filter(each -> each.curve().equals(curve))
        .mapToLong(KeyExchange::median)
        .findFirst();
  }

  private void pool() {
    FirstConnection first = start.first().orElse(NEVER);
    if (start.warmConnections().isEmpty()) {
      return;
    }
    long warm =
        Quantiles.of(start.warmConnections().stream().map(c -> c.tcp() + c.tls()).toList(), 0.5);
    long cold = first.tcp() + first.tls();
    if (first.tls() == 0 || cold < MANY_TIMES * warm && cold - warm < WORTH_NANOS) {
      return;
    }
    items.add(
        new Item(
            "Opening the first connection took %s, a new one to the warm server takes %s; callers that keep a pool and open it before traffic (prewarm) would spare their first requests %s each."
                .formatted(Words.millis(cold), Words.millis(warm), Words.millis(cold)),
            cold - Math.min(cold, warm)));
  }

  private void processors() {
    int go = setting.goProcessors();
    if (go == 0 || setting.millicores().isEmpty()) {
      return;
    }
    double limit = setting.millicores().getAsInt() / 1000.0;
    if (go <= Math.ceil(limit)) {
      return;
    }
    double period = 100;
    double stillNow = period * (1 - Math.min(1, limit / go));
    double stillThen = period * (1 - Math.min(1, limit / Math.ceil(limit)));
    items.add(
        new Item(
            String.format(
                Locale.ROOT,
                "Go runs %d threads at once (GOMAXPROCS) on a limit of %dm: busy, they use up a period's share in %.0f ms and stand still for %.0f ms. GOMAXPROCS=%.0f gives no more CPU, but shortens each standstill to %.0f ms%s.",
                go,
                setting.millicores().getAsInt(),
                period - stillNow,
                stillNow,
                Math.ceil(limit),
                stillThen,
                setting.gomaxprocs().isEmpty() && !setting.goVersion().orElse("").isEmpty()
                    ? "; built with " + setting.goVersion().get() + ", not set in the environment"
                    : ""),
            0));
  }

  private void loading() {
    long loading = start.at("entry").orElse(0);
    if (loading >= WORTH_A_SENTENCE * whole && loading >= WORTH_NANOS) {
      items.add(
          new Item(
              "Exec and dynamic linking take %s before the program's first instruction; a static or prelinked executable would save most of it."
                  .formatted(Words.millis(loading)),
              loading));
    }
  }

  private void disk() {
    Reading at = Measures.reading(start, whole);
    if (at.majorFaults() > 0) {
      items.add(
          new Item(
              "%d page faults went to the disk (of %d in all): on a node that has not run this image, reading it ahead (a pre-pull that also reads) shortens the start."
                  .formatted(at.majorFaults(), at.majorFaults() + at.minorFaults()),
              0));
    }
  }
}
