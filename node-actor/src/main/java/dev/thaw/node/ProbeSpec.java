package dev.thaw.node;

import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A pod's probe plan in this module's words. Pure. */
final class ProbeSpec {
  private static final String IDENTITY = "Thaw-Probe";
  private static final String USER_AGENT = "thaw-probe/" + version();

  private final TrackPod pod;
  private final ProbePlan plan;

  ProbeSpec(TrackPod pod) {
    this.pod = pod;
    this.plan = pod.getProbe();
  }

  ProbePlan plan() {
    return plan;
  }

  Cadence cadence() {
    return Cadence.of(plan);
  }

  Dialect dialect() {
    return Dialect.of(plan);
  }

  /** Where the probe goes: the pod's port, unless the plan names another. */
  InetSocketAddress address() {
    InetSocketAddress address = Addresses.socket(pod.getAddress());
    return plan.getPort() == 0
        ? address
        : new InetSocketAddress(address.getAddress(), plan.getPort());
  }

  /** How the pod is spoken to at this address; as a probe, a warm-up request or a scrape. */
  Target target(InetSocketAddress address, Duration connectTimeout) {
    var client =
        said(plan.getClientCertFile())
            .map(file -> new Target.KeyFiles(file, plan.getClientKeyFile()));
    return new Target(
        address,
        new Target.Tls(said(plan.getCaFile()), said(plan.getServerName()), client),
        said(plan.getAuthority()),
        plan.getProtocol() != ProbePlan.Protocol.HTTP1,
        plan.getProtocol() == ProbePlan.Protocol.HTTP2 || needsHttp2(plan.getKind()),
        connectTimeout);
  }

  private static boolean needsHttp2(ProbePlan.Kind kind) {
    return kind == ProbePlan.Kind.HTTP2_PING || kind == ProbePlan.Kind.GRPC;
  }

  private static Optional<String> said(String text) {
    return Optional.of(text).filter(known -> !known.isEmpty());
  }

  /**
   * The headers of a probe: whoever serves can tell it from a user's request, by its agent and by a
   * header that names the pod it was meant for.
   */
  Map<String, String> probeHeaders() {
    Map<String, String> headers = headers(said(plan.getIdentityHeader()).orElse(IDENTITY));
    plan.getHeadersList().forEach(header -> headers.put(header.getName(), header.getValue()));
    return headers;
  }

  /** The headers of another request of ours, named by this header. */
  Map<String, String> headers(String identity) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("User-Agent", USER_AGENT);
    headers.put(identity, pod.getPodUid());
    return headers;
  }

  /**
   * How warm-up requests and scrapes are wrapped: as probes have proven; a pod probed by TCP alone
   * has proven nothing, and gets plain HTTP/1.1 unless the policy says TLS.
   */
  Wire wire(Dialect dialect) {
    if (dialect.proven()) {
      return dialect.way();
    }
    return plan.getTls() == ProbePlan.Tls.TLS_ON ? Wire.TLS : Wire.HTTP1;
  }

  private static String version() {
    return Optional.ofNullable(ProbeSpec.class.getPackage().getImplementationVersion())
        .orElse("dev");
  }
}
