package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Sentences about the network's exceptions. */
class FailuresTest {
  private static final Target TARGET =
      Target.of(new InetSocketAddress("127.0.0.1", 1), Duration.ZERO);

  @Test
  void whatAServerSaysIsQuotedInShort() {
    var record = new NotSslRecordException("not an SSL/TLS record: " + "00010203".repeat(256));

    assertThat(Failures.of(TARGET, record).getMessage())
        .endsWith("not an SSL/TLS record: 00010203000102030001020300010203...")
        .hasSizeLessThan(200);
    assertThat(Failures.of(TARGET, new IOException("\u001b[1m" + "x".repeat(5000))).getMessage())
        .hasSizeLessThan(200)
        .doesNotContain("\u001b");
  }

  @Test
  void aSentenceEndsOnce() {
    assertThat(Failures.of(TARGET, new SSLException("No name matching a found.")).getMessage())
        .endsWith("another name: No name matching a found");
  }
}
