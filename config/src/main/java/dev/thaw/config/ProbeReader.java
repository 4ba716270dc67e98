package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.AppProtocol;
import dev.thaw.config.WarmupPolicy.Patience;
import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Protocol;
import dev.thaw.config.WarmupPolicy.Question;
import dev.thaw.config.WarmupPolicy.Tls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads {@code spec.probe}. */
final class ProbeReader {

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);

  private ProbeReader() {}

  static Optional<Probe> read(Section probe, Found<Duration> startDeadline) {
    probe.onlyKeys(
        "httpGet",
        "tcpSocket",
        "ping",
        "grpc",
        "protocol",
        "appProtocol",
        "authority",
        "identityHeader",
        "tls",
        "initialDelay",
        "timeout",
        "interval",
        "warmingInterval",
        "warmingRetries",
        "readyInterval",
        "readyTimeout",
        "readyRetries",
        "backoff",
        "successThreshold",
        "failureThreshold");
    var asked = new QuestionReader(probe);
    ProbeKind kind = asked.kind();
    Optional<Question> question = asked.question();
    Optional<Integer> port = asked.port();
    Found<Protocol> protocol = protocol(probe.at("protocol"), kind);
    Optional<AppProtocol> appProtocol = appProtocol(probe.at("appProtocol"), kind);
    Optional<String> authority = authority(probe.at("authority"), kind);
    Optional<Tls> tls = TlsReader.read(probe.at("tls"), kind);
    var timeout = timeout(probe, kind).duration(Limits.MILLISECOND, Limits.MINUTE);
    var interval = probe.at("interval").duration(SHORTEST_INTERVAL, Limits.HOUR);
    var readyInterval = probe.at("readyInterval").duration(SHORTEST_INTERVAL, Limits.HOUR);
    var successes = probe.at("successThreshold").wholeNumber(1, 100);
    var failures = probe.at("failureThreshold").wholeNumber(1, 100);
    Found.ordered(interval, readyInterval);
    Found.ordered(timeout, startDeadline);
    refuseTooManySuccesses(successes, interval, startDeadline);
    Optional<Patience> patience = patience(probe, startDeadline);
    if (!probe.sound()) {
      return Optional.empty();
    }
    return Optional.of(
        new Probe(
            kind,
            question.orElseThrow(),
            port,
            protocol.get(),
            appProtocol,
            authority,
            tls.orElseThrow(),
            timeout.get(),
            interval.get(),
            readyInterval.get(),
            successes.get(),
            failures.get(),
            patience.orElseThrow()));
  }

  /** A PING asks nothing of the application: it is given less time, unless the policy says more. */
  private static Spot timeout(Section probe, ProbeKind kind) {
    Spot said = probe.at("timeout");
    return kind == ProbeKind.HTTP2_PING && !said.said()
        ? new Section("", Shipped.whenPresent("pingProbe"), new Problems("")).at("timeout")
        : said;
  }

  private static Found<Protocol> protocol(Spot spot, ProbeKind kind) {
    Found<Protocol> protocol = spot.choice(Choices.PROTOCOLS);
    if (kind == ProbeKind.TCP_CONNECT && spot.said()) {
      spot.refuse("nothing: a TCP connect speaks no protocol");
    } else if (kind == ProbeKind.HTTP2_PING && protocol.is(Protocol.HTTP1)) {
      spot.refuse("auto | HTTP2: only HTTP/2 has a ping");
    } else if (kind == ProbeKind.GRPC && protocol.is(Protocol.HTTP1)) {
      spot.refuse("auto | HTTP2: gRPC is spoken over HTTP/2");
    }
    return protocol;
  }

  private static Optional<AppProtocol> appProtocol(Spot spot, ProbeKind kind) {
    return unlessTcp(spot, kind, () -> spot.choice(Choices.APP_PROTOCOLS).value());
  }

  private static Optional<String> authority(Spot spot, ProbeKind kind) {
    return unlessTcp(
        spot, kind, () -> spot.text(Texts::isWord, "null, or such as shop.example:8080").value());
  }

  private static <T> Optional<T> unlessTcp(
      Spot spot, ProbeKind kind, Supplier<Optional<T>> reading) {
    if (spot.isNull()) {
      return Optional.empty();
    } else if (kind == ProbeKind.TCP_CONNECT) {
      spot.refuse("null: a TCP connect speaks no protocol");
      return Optional.empty();
    }
    return reading.get();
  }

  private static Optional<Patience> patience(Section probe, Found<Duration> startDeadline) {
    var initialDelay = probe.at("initialDelay").duration(Limits.NOTHING, Limits.HOUR);
    Found.ordered(initialDelay, startDeadline);
    var warmingInterval = probe.at("warmingInterval").duration(SHORTEST_INTERVAL, Limits.HOUR);
    var warmingRetries = probe.at("warmingRetries").wholeNumber(0, 10);
    Spot ready = probe.at("readyTimeout");
    Optional<Duration> readyTimeout =
        ready.isNull()
            ? Optional.empty()
            : ready.duration(Limits.MILLISECOND, Limits.MINUTE).value();
    var readyRetries = probe.at("readyRetries").wholeNumber(0, 10);
    List<Duration> backoff = backoff(probe.at("backoff"), initialDelay, startDeadline);
    return probe.sound()
        ? Optional.of(
            new Patience(
                initialDelay.get(),
                warmingInterval.get(),
                warmingRetries.get(),
                readyTimeout,
                readyRetries.get(),
                backoff))
        : Optional.empty();
  }

  /** Each wait comes once before the deadline, or a pod would be given up that nobody asked. */
  private static List<Duration> backoff(
      Spot list, Found<Duration> initialDelay, Found<Duration> startDeadline) {
    List<Duration> waits = new ArrayList<>();
    Optional<Duration> left = startDeadline.value();
    if (initialDelay.value().isPresent()) {
      left = left.map(all -> all.minus(initialDelay.get()));
    }
    for (Spot spot : list.items(0, 20, "durations")) {
      Optional<Duration> wait = spot.duration(SHORTEST_INTERVAL, Limits.HOUR).value();
      if (wait.isEmpty()) {
        continue;
      } else if (left.isPresent() && wait.get().compareTo(left.get()) >= 0) {
        spot.refuse(
            "less than %s: initialDelay and all waits in turn end before spec.startDeadline, %s"
                .formatted(
                    DurationText.print(left.get()), DurationText.print(startDeadline.get())));
        return List.of();
      }
      waits.add(wait.get());
      left = left.map(rest -> rest.minus(wait.get()));
    }
    return waits;
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
