package dev.thaw.app.trace.client;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/** The kind of key a certificate proves, as people call it. */
final class CertificateKey {

  private CertificateKey() {}

  /** Such as {@code RSA-2048}, {@code P-256} or {@code Ed25519}. */
  static String describe(X509Certificate certificate) {
    PublicKey key = certificate.getPublicKey();
    if (key instanceof RSAPublicKey rsa) {
      return "RSA-" + rsa.getModulus().bitLength();
    } else if (key instanceof ECPublicKey ec) {
      return "P-" + ec.getParams().getCurve().getField().getFieldSize();
    }
    return key.getAlgorithm().equals("EdDSA") ? "Ed25519" : key.getAlgorithm();
  }
}
