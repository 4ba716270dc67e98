package dev.thaw.node.http;

import static dev.thaw.node.http.HostileHttp2Test.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way in which TLS can fail is an outcome of its own; what works is said as it is. */
class TlsOutcomesTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Connector CONNECTOR = new Connector();

  @TempDir static Path folder;
  private static X509Bundle authority;
  private static Path authorityFile;

  @BeforeAll
  static void makeAuthority() throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=test ca")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    authorityFile = file("ca.pem", authority.getCertificatePEM());
  }

  @AfterAll
  static void end() {
    CONNECTOR.close();
  }

  @Test
  void aCertificateOfTheNamedAuthorityIsTrustedUnderItsName() throws Exception {
    try (var server = new TlsServer(certificate("pod.test", Instant.now()), false, "h2")) {
      HttpConnection open =
          CONNECTOR.connect(verified(server, "pod.test"), Wire.TLS).get(20, TimeUnit.SECONDS);

      assertThat(open.protocol()).isEqualTo("h2");
      assertThat(server.names.poll(10, TimeUnit.SECONDS)).isEqualTo("pod.test");
      open.close();
    }
  }

  @Test
  void withoutAnAuthorityAnyCertificateWillDo() throws Exception {
    X509Bundle other =
        new CertificateBuilder()
            .subject("CN=other")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    try (var server = new TlsServer(other, false, "h2")) {
      Target target = Target.of(server.address(), LONG);

      HttpConnection open = CONNECTOR.connect(target, Wire.TLS).get(20, TimeUnit.SECONDS);

      assertThat(open.protocol()).isEqualTo("h2");
      open.close();
    }
  }

  @Test
  void anExpiredCertificateIsToldFromOtherFailures() throws Exception {
    Instant longAgo = Instant.now().minus(Duration.ofDays(30));
    Failure failure = failing(certificate("pod.test", longAgo), "pod.test");

    assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_EXPIRED);
    assertThat(failure).hasMessageContaining("shows a certificate that does not hold today");
  }

  @Test
  void aCertificateForAnotherNameIsToldFromOtherFailures() throws Exception {
    Failure failure = failing(certificate("another.test", Instant.now()), "pod.test");

    assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_WRONG_NAME);
    assertThat(failure).hasMessageContaining("shows a certificate for another name");
  }

  @Test
  void anotherAuthoritysCertificateIsToldFromOtherFailures() throws Exception {
    X509Bundle other =
        new CertificateBuilder()
            .subject("CN=pod.test")
            .addSanDnsName("pod.test")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();

    Failure failure = failing(other, "pod.test");

    assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_UNTRUSTED);
    assertThat(failure).hasMessageContaining("that the policy's ca has not signed");
  }

  @Test
  void withoutAlpnItIsHttp1AndSaidSo() throws Exception {
    try (var server = new TlsServer(certificate("pod.test", Instant.now()), false)) {
      HttpConnection open =
          CONNECTOR.connect(verified(server, "pod.test"), Wire.TLS).get(20, TimeUnit.SECONDS);

      assertThat(open.protocol()).isEqualTo("http/1.1+tls");
      open.close();
    }
  }

  @Test
  void withoutAlpnItIsAFailureWhereHttp2IsDemanded() throws Exception {
    try (var server = new TlsServer(certificate("pod.test", Instant.now()), false)) {
      Target any = verified(server, "pod.test");
      Target demanding = new Target(any.address(), any.tls(), any.authority(), true, true, LONG);

      Failure failure = failureOf(CONNECTOR.connect(demanding, Wire.TLS));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_NO_ALPN);
    }
  }

  @Test
  void aServerThatWantsAClientCertificateSaysSoWithoutOne() throws Exception {
    try (var server = new TlsServer(certificate("pod.test", Instant.now()), true, "h2")) {
      Failure failure = failureOf(CONNECTOR.connect(verified(server, "pod.test"), Wire.TLS));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_CLIENT_CERTIFICATE);
      assertThat(failure).hasMessageContaining("wants a client certificate, and the policy gives");
    }
  }

  @Test
  void aServerThatWantsAClientCertificateIsContentWithItsAuthoritys() throws Exception {
    X509Bundle client = certificate("prober.test", Instant.now());
    var files =
        new Target.KeyFiles(
            file("client.pem", client.getCertificatePathPEM()).toString(),
            file("client.key", client.getPrivateKeyPEM()).toString());
    try (var server = new TlsServer(certificate("pod.test", Instant.now()), true, "h2")) {
      Target plain = verified(server, "pod.test");
      var tls = new Target.Tls(plain.tls().caFile(), plain.tls().serverName(), Optional.of(files));
      var mutual = new Target(plain.address(), tls, plain.authority(), true, false, LONG);

      HttpConnection open = CONNECTOR.connect(mutual, Wire.TLS).get(20, TimeUnit.SECONDS);

      assertThat(open.protocol()).isEqualTo("h2");
      open.close();
    }
  }

  @Test
  void aFileThatIsNoCertificateIsNamed() throws Exception {
    Path nonsense = file("nonsense.pem", "nothing");
    var tls = new Target.Tls(Optional.of(nonsense.toString()), Optional.empty(), Optional.empty());
    try (var server = ScriptedServer.start((in, out) -> Frames.drain(in))) {
      Failure failure =
          failureOf(
              CONNECTOR.connect(
                  new Target(server.address(), tls, Optional.empty(), true, false, LONG),
                  Wire.TLS));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS_FAILED);
      assertThat(failure)
          .hasMessageContaining("nonsense.pem")
          .hasMessageContaining("expected: PEM");
    }
  }

  @Test
  void aServerWithoutTlsIsToldFromOneWithoutTrust() throws Exception {
    try (var server =
        ScriptedServer.start(
            (in, out) -> {
              out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
              Frames.drain(in);
            })) {
      Failure failure = failureOf(CONNECTOR.connect(Target.of(server.address(), LONG), Wire.TLS));

      assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_TLS);
    }
  }

  private static Failure failing(X509Bundle shown, String expectedName) throws Exception {
    try (var server = new TlsServer(shown, false, "h2")) {
      return failureOf(CONNECTOR.connect(verified(server, expectedName), Wire.TLS));
    }
  }

  private static Target verified(TlsServer server, String name) {
    var tls =
        new Target.Tls(Optional.of(authorityFile.toString()), Optional.of(name), Optional.empty());
    return new Target(server.address(), tls, Optional.empty(), true, false, LONG);
  }

  /** Signed by the authority, valid for ten days from then on. */
  private static X509Bundle certificate(String name, Instant from) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .addSanDnsName(name)
        .notBefore(from.minus(Duration.ofMinutes(5)))
        .notAfter(from.plus(Duration.ofDays(10)))
        .buildIssuedBy(authority);
  }

  private static Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  /** Speaks TLS, then HTTP/2's SETTINGS and no more. */
  private static final class TlsServer implements AutoCloseable {
    private final BlockingQueue<String> names = new LinkedBlockingQueue<>();
    private final ScriptedServer server;

    TlsServer(X509Bundle shown, boolean wantsClient, String... protocols) throws Exception {
      SSLServerSocket listener =
          TlsListener.open(
              shown.toKeyManagerFactory().getKeyManagers(),
              wantsClient ? authority.toTrustManagerFactory().getTrustManagers() : null,
              protocols);
      server = ScriptedServer.on(new Shaking(listener, names), TlsServer::serve);
    }

    private static void serve(java.io.InputStream in, java.io.OutputStream out) throws Exception {
      Frames.open(in, out);
      Frames.drain(in);
    }

    InetSocketAddress address() {
      return server.address();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  /** Remembers which name each client asked for. */
  private static final class Shaking extends ServerSocket {
    private final SSLServerSocket listener;
    private final BlockingQueue<String> names;

    Shaking(SSLServerSocket listener, BlockingQueue<String> names) throws IOException {
      this.listener = listener;
      this.names = names;
    }

    @Override
    public java.net.Socket accept() throws IOException {
      SSLSocket socket = (SSLSocket) listener.accept();
      socket.addHandshakeCompletedListener(
          done ->
              ((ExtendedSSLSession) done.getSession())
                  .getRequestedServerNames()
                  .forEach(name -> names.add(((javax.net.ssl.SNIHostName) name).getAsciiName())));
      return socket;
    }

    @Override
    public java.net.SocketAddress getLocalSocketAddress() {
      return listener.getLocalSocketAddress();
    }

    @Override
    public boolean isClosed() {
      return listener.isClosed();
    }

    @Override
    public void close() throws IOException {
      if (listener != null) {
        listener.close();
      }
    }
  }
}
