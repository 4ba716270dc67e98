package dev.thaw.app;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and keys in PEM text. Pure. Undecodable base64: IllegalArgumentException. */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** The algorithms of keys, each with a signature that shows whether a key fits. */
  private static final Map<String, String> ALGORITHMS =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

  /** An empty message would not do: EdDSA of this JDK verifies none. */
  private static final byte SAMPLE = 1;

  private Pem() {}

  /** In the order of the text. */
  static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
    var factory = CertificateFactory.getInstance("X.509");
    var all = new ArrayList<X509Certificate>();
    for (byte[] block : blocks(text, "CERTIFICATE")) {
      all.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block)));
    }
    return all;
  }

  /** The first unencrypted key in PKCS#8. */
  static Optional<PrivateKey> privateKey(String text) throws GeneralSecurityException {
    List<byte[]> blocks = blocks(text, "PRIVATE KEY");
    return blocks.isEmpty() ? Optional.empty() : Optional.of(key(blocks.get(0)));
  }

  private static PrivateKey key(byte[] block) throws GeneralSecurityException {
    for (String algorithm : ALGORITHMS.keySet()) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(block));
      } catch (InvalidKeySpecException e) {
        continue; // of another algorithm
      }
    }
    throw new InvalidKeySpecException("none of " + ALGORITHMS.keySet());
  }

  /** Whether what this key signs is believed by who sees this certificate. */
  static boolean belong(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm = key.getAlgorithm();
    var signature = Signature.getInstance(ALGORITHMS.getOrDefault(algorithm, algorithm));
    signature.initSign(key);
    signature.update(SAMPLE);
    byte[] signed = signature.sign();
    try {
      signature.initVerify(certificate.getPublicKey());
      signature.update(SAMPLE);
      return signature.verify(signed);
    } catch (InvalidKeyException | SignatureException e) {
      return false; // of another algorithm
    }
  }

  private static List<byte[]> blocks(String text, String label) {
    var all = new ArrayList<byte[]>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1).equals(label)) {
        all.add(Base64.getDecoder().decode(matcher.group(2).replaceAll("\\s", "")));
      }
    }
    return all;
  }
}
