package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.ClientCertificate;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.TlsUse;
import java.util.Optional;

/** Reads {@code spec.probe.tls}. Files are named here, not opened. */
final class TlsReader {
  private static final String PEM = "null, or the file of a PEM certificate";
  private static final String KEY = "null, or the file of a PEM key in PKCS#8";

  private TlsReader() {}

  static Optional<Tls> read(Spot spot, ProbeKind kind) {
    if (kind == ProbeKind.TCP_CONNECT && spot.said()) {
      spot.refuse("nothing: a TCP connect speaks no TLS");
    }
    Section tls = spot.section().onlyKeys("enabled", "ca", "serverName", "clientCert", "clientKey");
    Found<TlsUse> use = tls.at("enabled").choice(Choices.TLS_USES);
    Optional<String> ca = unlessOff(tls.at("ca"), use, PEM);
    Optional<String> name = unlessOff(tls.at("serverName"), use, "null, or a host name");
    Optional<String> certificate = unlessOff(tls.at("clientCert"), use, PEM);
    Optional<String> key = unlessOff(tls.at("clientKey"), use, KEY);
    if (certificate.isPresent() && tls.at("clientKey").isNull()) {
      tls.at("clientCert").refuse("null, unless spec.probe.tls.clientKey names its key");
    } else if (key.isPresent() && tls.at("clientCert").isNull()) {
      tls.at("clientKey").refuse("null, unless spec.probe.tls.clientCert names its certificate");
    }
    Optional<ClientCertificate> client =
        certificate.flatMap(chain -> key.map(secret -> new ClientCertificate(chain, secret)));
    return use.value().map(known -> new Tls(known, ca, name, client));
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
}
