package dev.thaw.config;

import dev.thaw.config.NamedFile.Holds;
import dev.thaw.config.WarmupPolicy.ClientCertificate;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Tls;
import dev.thaw.config.WarmupPolicy.TlsUse;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads {@code spec.probe.tls}. Files are named here, not opened. Whoever asks for proof by naming
 * a CA, a server name or a certificate of ours asks for TLS: an answer in plain text would be none.
 */
final class TlsReader {
  private static final Map<String, Holds> FILES =
      Map.of("ca", Holds.AUTHORITIES, "clientCert", Holds.CHAIN, "clientKey", Holds.KEY);

  private TlsReader() {}

  static Optional<Tls> read(Spot spot, ProbeKind kind) {
    if (kind == ProbeKind.TCP_CONNECT && spot.said()) {
      spot.refuse("nothing: a TCP connect speaks no TLS");
    }
    Section tls = spot.section().onlyKeys("enabled", "ca", "serverName", "clientCert", "clientKey");
    Found<TlsUse> use = tls.at("enabled").choice(Choices.TLS_USES);
    Optional<String> ca = unlessOff(tls.at("ca"), use, Holds.AUTHORITIES.accepted());
    Optional<String> name = unlessOff(tls.at("serverName"), use, "null, or a host name");
    Optional<String> certificate = unlessOff(tls.at("clientCert"), use, Holds.CHAIN.accepted());
    Optional<String> key = unlessOff(tls.at("clientKey"), use, Holds.KEY.accepted());
    if (certificate.isPresent() && tls.at("clientKey").isNull()) {
      tls.at("clientCert").refuse("null, unless spec.probe.tls.clientKey names its key");
    } else if (key.isPresent() && tls.at("clientCert").isNull()) {
      tls.at("clientKey").refuse("null, unless spec.probe.tls.clientCert names its certificate");
    }
    Optional<ClientCertificate> client =
        certificate.flatMap(chain -> key.map(secret -> new ClientCertificate(chain, secret)));
    boolean asksForProof = ca.isPresent() || name.isPresent() || client.isPresent();
    return use.value().map(known -> new Tls(asksForProof ? TlsUse.TRUE : known, ca, name, client));
  }

  /** The files that a section names, also where {@link #read} has refused something. */
  static List<NamedFile> files(Spot spot) {
    Section tls = spot.section();
    return FILES.entrySet().stream()
        .map(entry -> tls.at(entry.getKey()).file(entry.getValue()))
        .flatMap(Optional::stream)
        .sorted(Comparator.comparing(NamedFile::path))
        .toList();
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
