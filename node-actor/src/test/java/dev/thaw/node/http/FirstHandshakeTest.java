package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FirstHandshakeTest {
  @Test
  void goesThroughTlsAndHttp2UpToAnAnswer() throws Exception {
    CompletableFuture<Reply> reply = FirstHandshake.make(new TlsContexts());

    assertThat(reply).isCompletedWithValue(new Reply(200, ""));
  }
}
