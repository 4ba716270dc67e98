package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Listeners;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Sockets;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import dev.thaw.protocol.v1.TrackPod;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Probes into a network namespace that is not ours, on the real kernel. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class NamespaceIT {
  private static final int PORT = 18080;
  private static final String APP =
      """
      import http.server, sys
      class H(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_GET(self):
          self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
      http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), H).serve_forever()
      """;

  @TempDir Path folder;
  private final Connector connector = new Connector();
  private final PodSockets sockets = new PodSockets();
  private TestNamespace pod;

  @BeforeEach
  void make() throws Exception {
    pod = new TestNamespace();
  }

  @AfterEach
  void end() throws Exception {
    connector.close();
    sockets.close();
    pod.close();
  }

  @Test
  void aListenerOnLoopbackAloneIsReachedFromInside() throws Exception {
    Process app = app("127.0.0.1");

    ProbeOutcome inside = probe(plan(), sockets.of((int) app.pid()));
    ProbeOutcome outside = probe(plan(), Optional.empty());

    assertThat(inside.kind()).as(inside.detail()).isEqualTo(Outcome.SUCCESS);
    assertThat(inside.inside()).isTrue();
    assertThat(outside.kind()).isEqualTo(Outcome.REFUSED);
    assertThat(outside.inside()).isFalse();
  }

  @Test
  void aListenerOnThePodsAddressAloneIsReachedFromInsideToo() throws Exception {
    Process app = app(TestNamespace.POD);

    ProbeOutcome outcome = probe(plan(), sockets.of((int) app.pid()));

    assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
    assertThat(outcome.inside()).isTrue();
  }

  @Test
  void aNamespaceThatCannotBeEnteredIsReachedByThePodsAddress() throws Exception {
    app(TestNamespace.POD);
    Process gone = pod.start(folder.resolve("gone.log"), "sleep", "60");
    awaitOther(gone);
    Optional<Sockets> inside = sockets.of((int) gone.pid());
    gone.destroyForcibly().waitFor();

    ProbeOutcome outcome = probe(plan(), inside);

    assertThat(inside).isPresent();
    assertThat(outcome.kind()).as(outcome.detail()).isEqualTo(Outcome.SUCCESS);
    assertThat(outcome.inside()).isFalse();
  }

  @Test
  void aProcessInOurNamespaceNeedsNoOther() {
    assertThat(sockets.of((int) ProcessHandle.current().pid())).isEmpty();
  }

  @Test
  void behindAMeshThatDemandsMutualTlsOnlyTheInsideTellsTheTruth() throws Exception {
    Process envoy = envoy();
    awaitListener(envoy);
    ProbePlan.Builder tcp = plan().setKind(ProbePlan.Kind.TCP_CONNECT);

    ProbeOutcome before = probe(plan(), sockets.of((int) envoy.pid()));
    ProbeOutcome tcpBefore = probe(tcp, Optional.empty());
    app("127.0.0.1");
    ProbeOutcome inside = probe(plan(), sockets.of((int) envoy.pid()));
    ProbeOutcome outside = probe(plan().setTls(ProbePlan.Tls.TLS_ON), Optional.empty());

    assertThat(before.kind()).as("no application yet").isNotEqualTo(Outcome.SUCCESS);
    assertThat(tcpBefore.kind()).as("a connect shows the mesh only").isEqualTo(Outcome.SUCCESS);
    assertThat(inside.kind()).as(inside.detail()).isEqualTo(Outcome.SUCCESS);
    assertThat(inside.inside()).isTrue();
    assertThat(outside.kind()).as(outside.detail()).isEqualTo(Outcome.TLS_CLIENT_CERTIFICATE);
  }

  private Process app(String address) throws Exception {
    Process app =
        pod.start(folder.resolve("app.log"), "python3", "-c", APP, address, Integer.toString(PORT));
    awaitListener(app);
    return app;
  }

  private static void awaitListener(Process process) throws Exception {
    await(process, () -> !Listeners.of((int) process.pid()).isEmpty());
  }

  private void awaitOther(Process process) throws Exception {
    await(process, () -> sockets.of((int) process.pid()).isPresent());
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Process process, Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertThat(process.isAlive()).as("it runs").isTrue();
      assertThat(System.nanoTime()).as("within 20 s").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private Process envoy() throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .subject("CN=mesh")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle mine = new CertificateBuilder().subject("CN=pod").buildIssuedBy(authority);
    Path config = folder.resolve("envoy.yaml");
    Files.writeString(
        config,
        ENVOY
            .replace("POD_ADDRESS", TestNamespace.POD)
            .replace("AT_PORT", Integer.toString(PORT))
            .replace("MESH_CA", write("ca.pem", authority.getCertificatePEM()))
            .replace("MY_CERT", write("mine.pem", mine.getCertificatePathPEM()))
            .replace("MY_KEY", write("mine.key", mine.getPrivateKeyPEM())));
    return pod.start(
        folder.resolve("envoy.log"),
        EnvoyBinary.path(),
        "--config-path",
        config.toString(),
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "--log-level",
        "warn");
  }

  private String write(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  private static ProbePlan.Builder plan() {
    return ProbePlan.newBuilder()
        .setPath("/")
        .setTimeoutNanos(Duration.ofSeconds(5).toNanos())
        .setConfirmingIntervalNanos(Duration.ofHours(1).toNanos());
  }

  /** The first outcome of a fresh prober. */
  private ProbeOutcome probe(ProbePlan.Builder plan, Optional<Sockets> inside) throws Exception {
    BlockingQueue<ProbeOutcome> outcomes = new LinkedBlockingQueue<>();
    var track =
        TrackPod.newBuilder()
            .setPodUid("pod-0.x")
            .setAddress(Address.newBuilder().setHost(TestNamespace.POD).setPort(PORT))
            .setProbe(plan)
            .build();
    var prober =
        new PodProber(
            connector,
            "pod-0.x",
            new ProbeSpec(track),
            inside,
            new SplittableRandom(1),
            outcomes::add);
    prober.listening();
    ProbeOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
    prober.stop();
    assertThat(outcome).as("an outcome within 20 s").isNotNull();
    return outcome;
  }

  private static final String ENVOY =
      """
      static_resources:
        listeners:
        - name: inbound
          address: { socket_address: { address: POD_ADDRESS, port_value: AT_PORT } }
          filter_chains:
          - transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                require_client_certificate: true
                common_tls_context:
                  alpn_protocols: [ h2, http/1.1 ]
                  tls_certificates:
                  - certificate_chain: { filename: "MY_CERT" }
                    private_key: { filename: "MY_KEY" }
                  validation_context: { trusted_ca: { filename: "MESH_CA" } }
            filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: inbound
                route_config:
                  virtual_hosts:
                  - name: app
                    domains: [ "*" ]
                    routes: [ { match: { prefix: / }, route: { cluster: app } } ]
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        clusters:
        - name: app
          type: STATIC
          connect_timeout: 1s
          load_assignment:
            cluster_name: app
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: AT_PORT } } }
      """;
}
