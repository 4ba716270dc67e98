package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.WarmupPolicy.WarmupRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.warmup}, which is absent by default. */
final class WarmupReader {

  private WarmupReader() {}

  static Optional<Warmup> read(Section said) {
    Section warmup =
        said.over(Shipped.whenPresent("warmup"))
            .onlyKeys("requests", "count", "connections", "timeLimit", "maxErrorRatio");
    List<WarmupRequest> requests = new ArrayList<>();
    for (Spot request : warmup.at("requests").items(1, 50, "requests")) {
      request(request.section()).ifPresent(requests::add);
    }
    var count = warmup.at("count").wholeNumber(1, 100_000);
    var connections = warmup.at("connections").wholeNumber(1, 64);
    var timeLimit = warmup.at("timeLimit").duration(Limits.MILLISECOND, Limits.HOUR);
    var errors = warmup.at("maxErrorRatio").decimal(0, 1, "a ratio from 0 to 1");
    refuseMoreConnectionsThanRequests(connections, count);
    if (!warmup.sound()) {
      return Optional.empty();
    }
    return Optional.of(
        new Warmup(requests, count.get(), connections.get(), timeLimit.get(), errors.get()));
  }

  private static Optional<WarmupRequest> request(Section said) {
    Section request =
        said.over(Shipped.whenPresent("warmupRequest")).onlyKeys("path", "method", "expect");
    var path = request.at("path").text(Texts::isPath, Texts.PATH);
    var method = request.at("method").choice(Choices.METHODS);
    List<Integer> expect = new ArrayList<>();
    for (Spot status : request.at("expect").items(1, 100, "HTTP statuses")) {
      status.wholeNumber(100, 599).value().ifPresent(expect::add);
    }
    return request.sound()
        ? Optional.of(new WarmupRequest(path.get(), method.get(), expect))
        : Optional.empty();
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
