package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AdviceTest {
  private static final OptionalInt FREE = OptionalInt.empty();
  private static final OptionalInt LIMITED = OptionalInt.of(300);

  @Test
  void theFirstSentenceNamesWhatDominates() {
    Start start = slowFirstRequest().build();

    assertThat(Advice.of(start, Starts.setting(FREE)).get(0).sentence())
        .isEqualTo(
            "From exec to the first 200 it took 500 ms; most of it, 389 ms (78 %), was \"first request\".");
  }

  @Test
  void whatNeverServedIsSaidToHaveNever() {
    assertThat(Advice.of(new Starts().step("exec", 0).build(), Starts.setting(FREE)))
        .extracting(Advice.Item::sentence)
        .containsExactly("It never served: no port listened.");
  }

  @Test
  void timeStoodStillForTheLimitIsWhatALargerOneSaves() {
    Start start = Starts.go(500).reading(501, 150, 280, 0).build();

    assertThat(item(start, LIMITED, "stood still"))
        .satisfies(
            item -> {
              assertThat(item.saves()).isEqualTo(280 * MS);
              assertThat(item.sentence()).contains("280 ms").contains("56 %").contains("300m");
            });
    assertThat(sentences(start, FREE)).noneMatch(s -> s.contains("stood still"));
  }

  @Test
  void aPackageThatInitialisesForLongIsNamedWithItsCost() {
    Start start = Starts.go(160).init("main", 10, 90).init("net/http", 5, 1).build();

    assertThat(item(start, FREE, "package main").saves()).isEqualTo(90 * MS);
    assertThat(sentences(start, FREE)).noneMatch(s -> s.contains("package net/http"));
  }

  @Test
  void oneStartsAccidentIsNoAdviceWhereOthersTell() {
    Start start = Starts.go(160).init("orders/config", 10, 90).build();

    assertThat(
            Advice.of(
                start,
                Starts.setting(FREE),
                Map.of("init of orders/config", List.of(MS, 90 * MS, MS, MS, 2 * MS))))
        .extracting(Advice.Item::sentence)
        .noneMatch(sentence -> sentence.contains("orders/config"));
    assertThat(
            Advice.of(
                start,
                Starts.setting(FREE),
                Map.of("init of orders/config", List.of(80 * MS, 90 * MS, 81 * MS))))
        .filteredOn(item -> item.sentence().contains("package orders/config"))
        .singleElement()
        .extracting(Advice.Item::saves)
        .isEqualTo(81 * MS);
  }

  @Test
  void anRsaKeyIsWeighedAgainstP256() {
    Start start = handshake("RSA-2048", "X25519").keyExchange("X25519", 1_300).build();

    assertThat(item(start, FREE, "key is RSA-2048").saves()).isBetween(900_000L, 1_000_000L);
  }

  @Test
  void aP256KeyIsNoReasonForAdvice() {
    Start start = handshake("P-256", "X25519").keyExchange("X25519", 300).build();

    assertThat(sentences(start, FREE)).noneMatch(s -> s.contains("certificate"));
  }

  @Test
  void theSlowerCurveIsNamedWithWhatTheOtherSaves() {
    Start start =
        handshake("P-256", "P-256").keyExchange("P-256", 900).keyExchange("X25519", 500).build();

    assertThat(item(start, FREE, "Key exchange").sentence())
        .contains("X25519 would save 0.40 ms per handshake");
  }

  @Test
  void curvesThatDifferLittleAreNoReasonToChange() {
    Start start =
        handshake("P-256", "P-256").keyExchange("P-256", 510).keyExchange("X25519", 500).build();

    assertThat(item(start, FREE, "Key exchange").saves()).isZero();
  }

  @Test
  void aSlowFirstRequestIsWorthWarmUpRequests() {
    Start start = slowFirstRequest().plateau(600, 2).build();

    assertThat(item(start, FREE, "Warm-up requests").saves()).isEqualTo(387 * MS);
  }

  @Test
  void aSlowFirstHandshakeIsWorthAPool() {
    Start start =
        Starts.go(200)
            .tls(110, "P-256", "X25519", 30, 60, 9)
            .call(171, 9)
            .newConnection(2)
            .newConnection(2)
            .newConnection(3)
            .build();

    assertThat(item(start, FREE, "pool").saves()).isEqualTo(58 * MS);
  }

  @Test
  void moreThreadsThanTheLimitAllowsStandStillLonger() {
    Start start = Starts.go(200).build();

    assertThat(item(start, LIMITED, "GOMAXPROCS").sentence())
        .contains("2 threads")
        .contains("use up a period's share in 15 ms and stand still for 85 ms")
        .contains("shortens each standstill to 70 ms");
    assertThat(sentences(start, FREE)).noneMatch(s -> s.contains("GOMAXPROCS"));
  }

  @Test
  void goSince125LooksAtTheLimitItself() {
    assertThat(Starts.setting(OptionalInt.of(300), "go1.24.3").goProcessors()).isEqualTo(2);
    assertThat(
            Starts.setting(OptionalInt.of(300), "go1.25.0", 64, Starts.asked("/", 1000))
                .goProcessors())
        .isEqualTo(2);
    assertThat(
            Starts.setting(OptionalInt.of(300), "go1.24.9", 64, Starts.asked("/", 1000))
                .goProcessors())
        .isEqualTo(64);
  }

  @Test
  void adviceStandsInTheOrderOfWhatItSaves() {
    Start start =
        slowFirstRequest().init("main", 10, 90).reading(501, 150, 200, 0).plateau(600, 2).build();

    assertThat(Advice.of(start, Starts.setting(LIMITED)))
        .filteredOn(item -> item.saves() > 0)
        .extracting(Advice.Item::saves)
        .containsExactly(387 * MS, 200 * MS, 90 * MS);
  }

  /** It listens after 110 ms and takes 389 ms for its first answer. */
  private static Starts slowFirstRequest() {
    return Starts.go(500).plain(110, 1, 389).call(111, 389);
  }

  /** It takes 40 ms for its first handshake, 30 of them for its own half, and serves at 160 ms. */
  private static Starts handshake(String key, String curve) {
    return Starts.go(160).tls(110, key, curve, 30, 40, 9).call(151, 9);
  }

  private static Advice.Item item(Start start, OptionalInt limit, String part) {
    return Advice.of(start, Starts.setting(limit)).stream()
        .filter(item -> item.sentence().contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError(part + " in none of " + sentences(start, limit)));
  }

  private static List<String> sentences(Start start, OptionalInt limit) {
    return Advice.of(start, Starts.setting(limit)).stream().map(Advice.Item::sentence).toList();
  }
}
