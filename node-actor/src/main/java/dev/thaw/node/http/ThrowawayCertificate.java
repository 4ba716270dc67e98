package dev.thaw.node.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * A key and a self-signed certificate for an hour, for handshakes with ourselves: the JDK makes
 * keys, but has no public way to make a certificate.
 */
public record ThrowawayCertificate(PrivateKey key, X509Certificate certificate) {
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] COMMON_NAME = {0x55, 4, 3};
  private static final byte[] ECDSA_SHA256 = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
  private static final byte[] RSA_SHA256 = {
    0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 0x0b
  };

  /** {@code EC} on P-256, or {@code RSA} of 2048 bits. */
  public static ThrowawayCertificate make(String algorithm) throws GeneralSecurityException {
    boolean ec = algorithm.equals("EC");
    var generator = KeyPairGenerator.getInstance(algorithm);
    if (ec) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else {
      generator.initialize(2048);
    }
    KeyPair pair = generator.generateKeyPair();
    byte[] signedBy = ec ? der(0x30, der(6, ECDSA_SHA256)) : der(0x30, der(6, RSA_SHA256), der(5));
    byte[] name =
        der(
            0x30,
            der(
                0x31,
                der(
                    0x30,
                    der(6, COMMON_NAME),
                    der(0x0c, "localhost".getBytes(StandardCharsets.UTF_8)))));
    Instant now = Instant.now();
    byte[] toSign =
        der(
            0x30,
            der(2, new byte[] {1}),
            signedBy,
            name,
            der(0x30, time(now.minusSeconds(60)), time(now.plusSeconds(3600))),
            name,
            pair.getPublic().getEncoded());
    var signer = Signature.getInstance(ec ? "SHA256withECDSA" : "SHA256withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(toSign);
    byte[] whole = der(0x30, toSign, signedBy, der(3, new byte[] {0}, signer.sign()));
    return new ThrowawayCertificate(
        pair.getPrivate(),
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(whole)));
  }

  private static byte[] time(Instant at) {
    return der(0x17, UTC_TIME.format(at).getBytes(StandardCharsets.US_ASCII));
  }

  /** A tag, the length in its shortest form, and the parts in a row. */
  private static byte[] der(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    var whole = new ByteArrayOutputStream();
    whole.write(tag);
    int length = content.size();
    if (length < 128) {
      whole.write(length);
    } else if (length < 256) {
      whole.write(0x81);
      whole.write(length);
    } else {
      whole.write(0x82);
      whole.write(length >>> 8);
      whole.write(length);
    }
    whole.writeBytes(content.toByteArray());
    return whole.toByteArray();
  }
}
