package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Protocol;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.TlsUse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.probe}. */
final class ProbeReader {

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

  private ProbeReader() {}

  static Optional<Probe> read(Section probe, Found<Duration> startDeadline) {
    probe.onlyKeys(
        "httpGet",
        "tcpSocket",
        "ping",
        "protocol",
        "tls",
        "timeout",
        "interval",
        "readyInterval",
        "successThreshold",
        "failureThreshold");
    ProbeKind kind = kind(probe);
    Found<String> path = path(probe, kind);
    Found<Protocol> protocol = protocol(probe.at("protocol"), kind);
    Optional<Tls> tls = tls(probe.at("tls"), kind);
    var timeout = probe.at("timeout").duration(Limits.MILLISECOND, Limits.MINUTE);
    var interval = probe.at("interval").duration(SHORTEST_INTERVAL, Limits.HOUR);
    var readyInterval = probe.at("readyInterval").duration(SHORTEST_INTERVAL, Limits.HOUR);
    var successes = probe.at("successThreshold").wholeNumber(1, 100);
    var failures = probe.at("failureThreshold").wholeNumber(1, 100);
    Found.ordered(interval, readyInterval);
    Found.ordered(timeout, startDeadline);
    refuseTooManySuccesses(successes, interval, startDeadline);
    if (!probe.sound()) {
      return Optional.empty();
    }
    return Optional.of(
        new Probe(
            kind,
            path.get(),
            protocol.get(),
            tls.orElseThrow(),
            timeout.get(),
            interval.get(),
            readyInterval.get(),
            successes.get(),
            failures.get()));
  }

  private static ProbeKind kind(Section probe) {
    List<String> named = Choices.PROBE_KINDS.keySet().stream().filter(probe::has).toList();
    if (named.size() > 1) {
      probe
          .at(named.get(1))
          .refuse("one of httpGet, tcpSocket, ping, not " + named.get(0) + " too");
    }
    return named.stream().map(Choices.PROBE_KINDS::get).findFirst().orElse(ProbeKind.HTTP_GET);
  }

  /** Only a GET has a path to choose; the others keep the default. */
  private static Found<String> path(Section probe, ProbeKind kind) {
    Section standard = new Section("", Shipped.whenPresent("httpGet"), new Problems(""));
    Section get = standard;
    switch (kind) {
      case HTTP_GET -> {
        if (probe.has("httpGet")) {
          get = probe.at("httpGet").section().over(Shipped.whenPresent("httpGet"));
        }
      }
      case TCP_CONNECT -> probe.at("tcpSocket").section().onlyKeys();
      case HTTP2_PING -> probe.at("ping").section().onlyKeys();
    }
    return get.onlyKeys("path").at("path").text(Texts::isPath, Texts.PATH);
  }

  private static Found<Protocol> protocol(Spot spot, ProbeKind kind) {
    Found<Protocol> protocol = spot.choice(Choices.PROTOCOLS);
    if (kind == ProbeKind.TCP_CONNECT && spot.said()) {
      spot.refuse("nothing: a TCP connect speaks no protocol");
    } else if (kind == ProbeKind.HTTP2_PING && protocol.is(Protocol.HTTP1)) {
      spot.refuse("auto | HTTP2: only HTTP/2 has a ping");
    }
    return protocol;
  }

  private static Optional<Tls> tls(Spot spot, ProbeKind kind) {
    if (kind == ProbeKind.TCP_CONNECT && spot.said()) {
      spot.refuse("nothing: a TCP connect speaks no TLS");
    }
    Section tls = spot.section().onlyKeys("enabled", "ca", "serverName");
    Found<TlsUse> use = tls.at("enabled").choice(Choices.TLS_USES);
    Optional<String> ca = unlessOff(tls.at("ca"), use, "null, or the file of a PEM certificate");
    Optional<String> name = unlessOff(tls.at("serverName"), use, "null, or a host name");
    return use.value().map(known -> new Tls(known, ca, name));
  }

  private static Optional<String> unlessOff(Spot spot, Found<TlsUse> use, String accepted) {
    if (spot.isNull()) {
      return Optional.empty();
    }
    if (use.is(TlsUse.FALSE)) {
      spot.refuse("null: TLS is off");
      return Optional.empty();
    }
    return spot.text(Texts::isWord, accepted).value();
  }

  private static void refuseTooManySuccesses(
      Found<Integer> successes, Found<Duration> interval, Found<Duration> deadline) {
    if (successes.value().isEmpty() || interval.value().isEmpty() || deadline.value().isEmpty()) {
      return;
    }
    Duration needed = interval.get().multipliedBy(successes.get() - 1L);
    if (needed.compareTo(deadline.get()) >= 0) {
      Spot said = successes.spot().said() ? successes.spot() : deadline.spot();
      said.refuse(
          "what lets %d successes, %s apart, fit into spec.startDeadline, %s"
              .formatted(
                  successes.get(),
                  DurationText.print(interval.get()),
                  DurationText.print(deadline.get())));
    }
  }
}
