package dev.thaw.app.trace;

import dev.thaw.app.trace.Advice.Item;
import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.client.Speech;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the first connection and the first request cost, and what would save some of it. Every
 * figure is of this start, except the two signatures' speeds. Pure.
 */
final class ConnectionAdvice {
  /**
   * One signature, measured with Go 1.26 on amd64: {@code rsa.SignPSS} with 2048 bits and {@code
   * ecdsa.SignASN1} on P-256. Only their ratio is used.
   */
  private static final double RSA_2048_MICROS = 1_030;

  private static final double P256_MICROS = 42;

  private static final double MANY_TIMES = 3;
  private static final double NOTABLE_CURVE = 1.15;

  /** There was no connection: nothing to say of it. */
  private static final FirstConnection NEVER =
      new FirstConnection(
          0, 0, 0, 0, 0, 0, 0, new Speech(false, false, Optional.empty()), Optional.empty());

  private final Start start;
  private final List<Item> items = new ArrayList<>();

  private ConnectionAdvice(Start start) {
    this.start = start;
  }

  /** Findings in no order. */
  static List<Item> of(Start start) {
    var advice = new ConnectionAdvice(start);
    advice.firstRequest();
    advice.keyType();
    advice.curve();
    advice.pool();
    return advice.items;
  }

  private void firstRequest() {
    OptionalLong warm = Measures.warm(start);
    if (start.calls().isEmpty() || warm.isEmpty()) {
      return;
    }
    long first = start.calls().get(0).latency();
    if (first < MANY_TIMES * warm.getAsLong() || first - warm.getAsLong() < Advice.WORTH_NANOS) {
      return;
    }
    List<Start.Call> served = start.calls().stream().filter(c -> c.status() == 200).toList();
    long cold =
        served.stream().filter(call -> call.latency() > MANY_TIMES * warm.getAsLong()).count();
    items.add(
        new Item(
            "The first request took %s, a warm one takes %s; %d of %d requests %s more than three times slower than warm. Warm-up requests before the first user (warmup: in a policy) would take that from users: %s for the first of them."
                .formatted(
                    Words.millis(first),
                    Words.millis(warm.getAsLong()),
                    cold,
                    served.size(),
                    cold == 1 ? "was" : "were",
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
    if (first.tls() == 0 || cold < MANY_TIMES * warm && cold - warm < Advice.WORTH_NANOS) {
      return;
    }
    items.add(
        new Item(
            "Opening the first connection took %s, a new one to the warm server takes %s; callers that keep a pool and open it before traffic (prewarm) would spare their first requests the difference, %s each."
                .formatted(
                    Words.millis(cold),
                    Words.millis(warm),
                    Words.millis(cold - Math.min(cold, warm))),
            cold - Math.min(cold, warm)));
  }
}
