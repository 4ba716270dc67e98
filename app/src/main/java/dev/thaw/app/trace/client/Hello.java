package dev.thaw.app.trace.client;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.ECGenParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A TLS 1.3 client's first message that offers one curve only, for {@link HalfHandshake}. The key
 * behind it is thrown away: the handshake is never finished.
 */
final class Hello {
  private static final int[] SIGNATURES = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0806, 0x0807};
  private static final int[] CIPHERS = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030};

  private Hello() {}

  /** Curves that can be offered, by the names of {@link ServerFlight}. */
  static final String[] CURVES = {"X25519", "P-256"};

  static byte[] offering(String curve) {
    var body = new Bytes();
    body.two(0x0303);
    body.put(random(32));
    body.one(32).put(random(32)); // a session id, as middleboxes expect
    body.two(CIPHERS.length * 2);
    for (int cipher : CIPHERS) {
      body.two(cipher);
    }
    body.one(1).one(0); // no compression
    byte[] extensions = extensions(curve);
    body.two(extensions.length).put(extensions);
    byte[] message = body.bytes();
    return new Bytes()
        .one(22)
        .two(0x0301)
        .two(message.length + 4)
        .one(1)
        .one(0)
        .two(message.length)
        .put(message)
        .bytes();
  }

  private static byte[] extensions(String curve) {
    int group = curve.equals("X25519") ? 29 : 23;
    byte[] key = curve.equals("X25519") ? x25519() : p256();
    var all = new Bytes();
    all.two(10).two(4).two(2).two(group); // supported groups
    all.two(11).two(2).one(1).one(0); // point formats
    all.two(13).two(2 + SIGNATURES.length * 2).two(SIGNATURES.length * 2);
    for (int signature : SIGNATURES) {
      all.two(signature);
    }
    all.two(16).two(2 + 3 + 9).two(3 + 9).text("h2").text("http/1.1");
    all.two(43).two(5).one(4).two(0x0304).two(0x0303); // versions 1.3, 1.2
    all.two(45).two(2).one(1).one(1); // how a ticket would be used
    all.two(51).two(key.length + 6).two(key.length + 4).two(group).two(key.length).put(key);
    return all.bytes();
  }

  private static byte[] x25519() {
    BigInteger u = ((XECPublicKey) publicKey("X25519", null)).getU();
    byte[] little = new byte[32];
    for (int i = 0; i < little.length; i++) {
      little[i] = u.shiftRight(8 * i).byteValue();
    }
    return little;
  }

  private static byte[] p256() {
    var point = ((ECPublicKey) publicKey("EC", new ECGenParameterSpec("secp256r1"))).getW();
    return new Bytes().one(4).put(fixed(point.getAffineX())).put(fixed(point.getAffineY())).bytes();
  }

  private static byte[] fixed(BigInteger number) {
    byte[] big = new byte[32];
    for (int i = 0; i < big.length; i++) {
      big[31 - i] = number.shiftRight(8 * i).byteValue();
    }
    return big;
  }

  private static PublicKey publicKey(String algorithm, @Nullable ECGenParameterSpec curve) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      if (curve != null) {
        generator.initialize(curve);
      }
      return generator.generateKeyPair().getPublic();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** Numbers in network order. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes one(int value) {
      out.write(value);
      return this;
    }

    Bytes two(int value) {
      return one(value >>> 8).one(value);
    }

    Bytes put(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Bytes text(String text) {
      return one(text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
