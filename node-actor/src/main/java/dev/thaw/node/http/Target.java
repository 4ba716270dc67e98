package dev.thaw.node.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * Whom to talk to, and how both sides must prove themselves.
 *
 * @param tls for where TLS is spoken
 * @param authority the Host or {@code :authority} of requests; absent: by name and port
 * @param allowHttp2 whether ALPN offers HTTP/2
 * @param demandHttp2 whether TLS without ALPN's {@code h2} is a failure
 * @param connectTimeout for TCP, TLS and HTTP/2's SETTINGS together
 */
public record Target(
    InetSocketAddress address,
    Tls tls,
    Optional<String> authority,
    boolean allowHttp2,
    boolean demandHttp2,
    Duration connectTimeout) {

  /**
   * Files and names of a TLS connection.
   *
   * @param caFile absent: any certificate will do, as it does for the kubelet
   * @param serverName for SNI and, with a CA, to be found in the certificate; absent: the address
   * @param clientCertificate PEM files of a certificate chain and its PKCS#8 key, for mutual TLS
   */
  public record Tls(
      Optional<String> caFile, Optional<String> serverName, Optional<KeyFiles> clientCertificate) {
    /** Unverified, by the address. */
    public static final Tls ANY = new Tls(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Where a certificate chain and its key are. */
  public record KeyFiles(String certificate, String key) {}

  /** Without verification or names: HTTP/2 wherever it is spoken. */
  public static Target of(InetSocketAddress address, Duration connectTimeout) {
    return new Target(address, Tls.ANY, Optional.empty(), true, false, connectTimeout);
  }

  /** The same, with so much time. */
  public Target within(Duration limit) {
    return new Target(address, tls, authority, allowHttp2, demandHttp2, limit);
  }

  /** The same at another address. */
  public Target at(InetSocketAddress other) {
    return new Target(other, tls, authority, allowHttp2, demandHttp2, connectTimeout);
  }

  /** What a request calls this server: {@code host:port}, unless the policy says otherwise. */
  String requestAuthority() {
    return authority.orElseGet(
        () -> {
          String host = tls.serverName().orElseGet(() -> address.getAddress().getHostAddress());
          return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
        });
  }

  /** For sentences. */
  String text() {
    return address.getAddress().getHostAddress() + " port " + address.getPort();
  }
}
