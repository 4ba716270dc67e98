package dev.thaw.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a workload's pods are brought to full traffic; every field holds its effective value,
 * defaults filled in.
 *
 * @param name {@code metadata.name}; workload and pod names follow from it
 * @param service the address clients dial
 * @param targetPort the port whose listener counts
 * @param startDeadline from exec to confirmed, else the pod is ejected
 * @param warmup absent: no warm-up requests
 * @param metrics absent: gates see probe streaks and kernel connect failures only
 */
public record WarmupPolicy(
    String name,
    Mode mode,
    Endpoint service,
    int targetPort,
    Duration startDeadline,
    Probe probe,
    Optional<Warmup> warmup,
    Optional<Metrics> metrics,
    Birth birth) {

  /** The workload this policy speaks of. */
  public WorkloadName workload() {
    return new WorkloadName(name);
  }

  /**
   * How a pod is probed. {@code interval} applies while confirming, {@code readyInterval} once
   * full.
   *
   * @param port absent: the target's
   * @param authority absent: by server name or address, and port
   * @param appProtocol which way of speaking is tried first; absent: HTTP/2
   */
  public record Probe(
      ProbeKind kind,
      Question question,
      Optional<Integer> port,
      Protocol protocol,
      Optional<AppProtocol> appProtocol,
      Optional<String> authority,
      Tls tls,
      Duration timeout,
      Duration interval,
      Duration readyInterval,
      int successThreshold,
      int failureThreshold,
      Patience patience) {}

  /** What one probe sends. */
  public enum ProbeKind {
    HTTP_GET,
    TCP_CONNECT,
    HTTP2_PING,
    GRPC
  }

  /**
   * What exactly is asked; a kind that has no use for a field holds its default.
   *
   * @param path of a GET
   * @param headers added to each request
   * @param identityHeader tells probes from users' requests; its value is the pod's uid
   * @param service whose gRPC health is asked; empty: the server's as a whole
   * @param watch over one stream that stays open
   */
  public record Question(
      String path, List<Header> headers, String identityHeader, String service, boolean watch) {
    public Question {
      headers = List.copyOf(headers);
    }
  }

  /** A header of a request. */
  public record Header(String name, String value) {}

  /** What a Service's {@code appProtocol} says of its port. */
  public enum AppProtocol {
    H2C,
    GRPC,
    HTTP,
    HTTPS
  }

  /**
   * How long a probe is waited for beyond the simple case.
   *
   * @param initialDelay from LISTEN to the first probe
   * @param warmingInterval between probes from confirmed to full
   * @param warmingRetries tries beyond the first before a probe counts as failed, until full
   * @param readyTimeout absent: the timeout of all probes
   * @param readyRetries the same as warmingRetries, once full
   * @param backoff waits after 1, 2 ... failures in a row, the last repeats; empty: the interval
   */
  public record Patience(
      Duration initialDelay,
      Duration warmingInterval,
      int warmingRetries,
      Optional<Duration> readyTimeout,
      int readyRetries,
      List<Duration> backoff) {
    public Patience {
      backoff = List.copyOf(backoff);
    }
  }

  /** The HTTP version to speak; AUTO is HTTP/2 where proven, else HTTP/1.1. */
  public enum Protocol {
    AUTO,
    HTTP2,
    HTTP1
  }

  /** TLS towards the pod: {@code ca} absent means not verified, as the kubelet does. */
  public record Tls(
      TlsUse use,
      Optional<String> ca,
      Optional<String> serverName,
      Optional<ClientCertificate> client) {}

  /** PEM files that prove who we are: a certificate chain and its PKCS#8 key. */
  public record ClientCertificate(String certificate, String key) {}

  /** Whether the pod speaks TLS; AUTO finds out. */
  public enum TlsUse {
    AUTO,
    TRUE,
    FALSE
  }

  /**
   * Requests sent before the first user arrives.
   *
   * @param perSecond over all connections; absent: as fast as they are answered
   * @param plateau absent: ends at count
   * @param pool absent: none
   */
  public record Warmup(
      List<WarmupRequest> requests,
      int count,
      int connections,
      Optional<Double> perSecond,
      Optional<Plateau> plateau,
      Optional<Pool> pool,
      Duration timeLimit,
      double maxErrorRatio) {
    public Warmup {
      requests = List.copyOf(requests);
    }
  }

  /**
   * Ends a warm-up before its count, when the latency has stopped falling.
   *
   * @param window answers whose medians are compared
   * @param tolerance a median that is lower by no more than this share has not fallen
   */
  public record Plateau(int window, double tolerance) {}

  /**
   * Connections opened before the first user: each answers PINGs until {@code inRow} of them took
   * less than {@code warmBelow}, else it is cold and opened anew.
   *
   * @param warming until full
   * @param ready once full
   */
  public record Pool(
      int connections, int inRow, Duration warmBelow, PoolPace warming, PoolPace ready) {}

  /** How often a pool's connections are asked, how long an answer may take, and how often again. */
  public record PoolPace(Duration interval, int retries, Duration timeout) {}

  /** One request; {@code {n}} in the path is replaced by a running number. */
  public record WarmupRequest(String path, String method, List<Integer> expect) {
    public WarmupRequest {
      expect = List.copyOf(expect);
    }
  }

  /**
   * Where evidence comes from: the pods' own counters, a Prometheus, or both. A request is slow
   * after {@code slowAfter}, which must be a bucket of the histogram.
   */
  public record Metrics(
      Optional<Scrape> scrape, Optional<URI> prometheus, Series series, Duration slowAfter) {}

  /** The pod's own metrics page, read by its node. */
  public record Scrape(int port, String path, Duration interval) {}

  /** Names of the series: a counter with optional selector, an error selector, a histogram. */
  public record Series(String requests, String errors, String latency) {}

  /**
   * The birth ladder, strictly rising to 100.
   *
   * @param preset what the other fields were taken from where the policy named none; for people
   * @param floor from the ladder's first applied rung to full, at least
   * @param ceiling absent: what is inconclusive stays where it is
   * @param retryAfter used in order, the last one repeats
   */
  public record Birth(
      String preset,
      Duration floor,
      Optional<Duration> ceiling,
      int maxBreaches,
      List<Duration> retryAfter,
      GateDefaults gateDefaults,
      List<Rung> ladder) {
    public Birth {
      retryAfter = List.copyOf(retryAfter);
      ladder = List.copyOf(ladder);
      int below = 0;
      for (Rung rung : ladder) {
        if (rung.weight() <= below) {
          throw new IllegalArgumentException(
              "ladder: weight " + rung.weight() + " after " + below + " (expected: rising)");
        }
        below = rung.weight();
      }
      if (below != 100) {
        throw new IllegalArgumentException("ladder: ends at " + below + " (expected: 100)");
      }
    }
  }

  /** How often and from when on gates are judged. */
  public record GateDefaults(Duration interval, Duration initialDelay) {}

  /**
   * One step of the ladder, {@code weight} in per cent of the pod's fair share. The hold of the
   * last rung is the watch: full is given at once, a breach takes it back.
   *
   * @param minRequests 0 without a scrape, which alone counts requests
   * @param gates empty: the probe's streak and connect failures decide
   */
  public record Rung(int weight, Duration hold, int minRequests, List<Gate> gates) {
    public Rung {
      gates = List.copyOf(gates);
    }
  }

  /** What a rung asks of the evidence. */
  public sealed interface Gate {}

  /** Breach when the pod's error ratio exceeds its warm peers' by more than {@code overPeers}. */
  public record ErrorGate(double overPeers, int minErrors) implements Gate {}

  /**
   * Breach when the pod's share of slow requests exceeds its warm peers' by more than {@code
   * overPeers}.
   */
  public record SlowGate(double overPeers) implements Gate {}

  /**
   * An absolute bound by the operator: pass below, breach above, inconclusive between. In {@code
   * query}, {@code $instance} stands for the pod's {@code host:port} as Prometheus labels it; who
   * asks puts it in.
   */
  public record PromqlGate(String query, double passBelow, double backAbove) implements Gate {}

  /**
   * Breach when the pod's own control group is under more pressure than this since its rung was
   * applied; missing figures never are.
   *
   * @param backAbove a share of time for {@code MEMORY}, {@code CPU} and {@code IO}; segments per
   *     second for {@code RETRANSMITS}
   */
  public record PressureGate(Pressure resource, double backAbove) implements Gate {}

  /** What the kernel tells to be short, or sent again. */
  public enum Pressure {
    MEMORY,
    CPU,
    IO,
    RETRANSMITS
  }
}
