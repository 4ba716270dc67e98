package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Plateau;
import dev.thaw.config.WarmupPolicy.Pool;
import dev.thaw.config.WarmupPolicy.PoolPace;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.warmup}, which is absent by default. */
final class WarmupReader {
  /** Methods that change nothing however often they are sent. */
  static final List<String> REPEATABLE = List.of("GET", "HEAD");

  private WarmupReader() {}

  static Optional<Warmup> read(Section said) {
    Section warmup =
        said.over(Shipped.whenPresent("warmup"))
            .onlyKeys(
                "requests",
                "count",
                "connections",
                "perSecond",
                "until",
                "plateau",
                "pool",
                "timeLimit",
                "maxErrorRatio");
    List<WarmupRequest> requests = new ArrayList<>();
    for (Spot request : warmup.at("requests").items(1, 50, "requests")) {
      request(request.section()).ifPresent(requests::add);
    }
    var count = warmup.at("count").wholeNumber(1, 100_000);
    var connections = warmup.at("connections").wholeNumber(1, 64);
    Spot rate = warmup.at("perSecond");
    Optional<Double> perSecond =
        rate.isNull()
            ? Optional.empty()
            : rate.decimal(0.1, 100_000, "null, or requests a second, from 0.1 to 100000").value();
    Optional<Plateau> plateau = plateau(warmup);
    Optional<Pool> pool = warmup.has("pool") ? pool(warmup.at("pool").section()) : Optional.empty();
    var timeLimit = warmup.at("timeLimit").duration(Limits.MILLISECOND, Limits.HOUR);
    var errors = warmup.at("maxErrorRatio").decimal(0, 1, "a ratio from 0 to 1");
    refuseMoreConnectionsThanRequests(connections, count);
    if (!warmup.sound()) {
      return Optional.empty();
    }
    return Optional.of(
        new Warmup(
            requests,
            count.get(),
            connections.get(),
            perSecond,
            plateau,
            pool,
            timeLimit.get(),
            errors.get()));
  }

  private static Optional<Plateau> plateau(Section warmup) {
    Found<Boolean> wanted = warmup.at("until").choice(Choices.ENDS_ON_PLATEAU);
    if (wanted.is(false) && warmup.has("plateau")) {
      warmup.at("plateau").refuse("nothing, unless until is plateau");
    }
    if (!wanted.is(true)) {
      return Optional.empty();
    }
    Section said =
        warmup.has("plateau")
            ? warmup.at("plateau").section().over(Shipped.whenPresent("plateau"))
            : new Section("", Shipped.whenPresent("plateau"), new Problems(""));
    said.onlyKeys("window", "tolerance");
    var window = said.at("window").wholeNumber(2, 10_000);
    var tolerance = said.at("tolerance").decimal(0, 1, "a share from 0 to 1");
    return said.sound()
        ? Optional.of(new Plateau(window.get(), tolerance.get()))
        : Optional.empty();
  }

  private static Optional<Pool> pool(Section said) {
    Section pool =
        said.over(Shipped.whenPresent("pool"))
            .onlyKeys("connections", "inRow", "warmBelow", "warming", "ready");
    var connections = pool.at("connections").wholeNumber(1, 64);
    var inRow = pool.at("inRow").wholeNumber(1, 100);
    var warmBelow = pool.at("warmBelow").duration(Limits.MILLISECOND, Limits.MINUTE);
    Optional<PoolPace> warming = pace(pool.at("warming").section());
    Optional<PoolPace> ready = pace(pool.at("ready").section());
    return pool.sound()
        ? Optional.of(
            new Pool(
                connections.get(),
                inRow.get(),
                warmBelow.get(),
                warming.orElseThrow(),
                ready.orElseThrow()))
        : Optional.empty();
  }

  private static Optional<PoolPace> pace(Section pace) {
    pace.onlyKeys("interval", "retries", "timeout");
    var interval = pace.at("interval").duration(Duration.ofMillis(10), Limits.HOUR);
    var retries = pace.at("retries").wholeNumber(0, 10);
    var timeout = pace.at("timeout").duration(Limits.MILLISECOND, Limits.MINUTE);
    return pace.sound()
        ? Optional.of(new PoolPace(interval.get(), retries.get(), timeout.get()))
        : Optional.empty();
  }

  private static Optional<WarmupRequest> request(Section said) {
    Section request =
        said.over(Shipped.whenPresent("warmupRequest"))
            .onlyKeys("path", "method", "expect", "insist");
    var path = request.at("path").text(Texts::isPath, Texts.PATH);
    var method = request.at("method").choice(Choices.METHODS);
    refuseUnlessRepeatable(method, request.at("insist").choice(Choices.YES_OR_NO));
    List<Integer> expect = new ArrayList<>();
    for (Spot status : request.at("expect").items(1, 100, "HTTP statuses")) {
      status.wholeNumber(100, 599).value().ifPresent(expect::add);
    }
    return request.sound()
        ? Optional.of(new WarmupRequest(path.get(), method.get(), expect))
        : Optional.empty();
  }

  /** A warm-up sends the same request many times: only what changes nothing goes unasked. */
  private static void refuseUnlessRepeatable(Found<String> method, Found<Boolean> insists) {
    if (insists.is(false)
        && method.value().filter(name -> !REPEATABLE.contains(name)).isPresent()) {
      method.spot().refuse("GET | HEAD, or any with insist: true beside it");
    }
  }

  private static void refuseMoreConnectionsThanRequests(
      Found<Integer> connections, Found<Integer> count) {
    if (connections.value().isPresent()
        && count.value().isPresent()
        && connections.get() > count.get()) {
      if (connections.spot().said()) {
        connections.spot().refuse("at most " + count.spot().path() + ", " + count.get());
      } else {
        count.spot().refuse("at least " + connections.spot().path() + ", " + connections.get());
      }
    }
  }
}
