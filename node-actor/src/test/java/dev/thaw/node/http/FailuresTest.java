package dev.thaw.node.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HexFormat;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sentences about the network's exceptions. */
class FailuresTest {
  private static final Target TARGET =
      Target.of(new InetSocketAddress("127.0.0.1", 1), Duration.ZERO);

  @Test
  void whatAServerSaysIsQuotedInShort() {
    var long32 = new SSLException("unknown record: " + "00010203".repeat(256));

    assertThat(Failures.of(TARGET, long32).getMessage())
        .endsWith("unknown record: 00010203000102030001020300010203...")
        .hasSizeLessThan(200);
    assertThat(Failures.of(TARGET, new IOException("\u001b[1m" + "x".repeat(5000))).getMessage())
        .hasSizeLessThan(200)
        .doesNotContain("\u001b");
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 400 Bad Request,in HTTP/1.1",
    "HTTP/1.0 200 OK,in HTTP/1.0",
    "'\0\0\u0012\u0004\0\0\0\0\0',in HTTP/2",
    "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3,\"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\"",
    "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">,\"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML ...\"",
    "'\0\u0001\u0002\u0003',in no protocol that is known here",
  })
  void whoIsAskedForTlsAndAnswersPlainlyIsToldByWhatItSpeaks(String bytes, String spoken) {
    String digits = HexFormat.of().formatHex((bytes + "\r\n").getBytes(ISO_8859_1));
    var plain = new DecoderException(new NotSslRecordException("not an SSL/TLS record: " + digits));

    Failure failure = Failures.of(TARGET, plain);

    assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_TLS);
    assertThat(failure).hasMessageEndingWith(" speaks no TLS: it answered " + spoken);
  }

  @Test
  void aSentenceEndsOnce() {
    assertThat(Failures.of(TARGET, new SSLException("No name matching a found.")).getMessage())
        .endsWith("another name: No name matching a found");
  }
}
