package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.thaw.app.trace.client.Speech;
import dev.thaw.app.trace.client.Wish;
import dev.thaw.bpf.Symboliser;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  private static final long MOST = 100;

  @TempDir Path folder;

  @Test
  void aServerThatAnswersEverythingHasRecordedNothing() throws Exception {
    assertThat(recorded("ok").recordings()).isEmpty();
    assertThat(folder.resolve("go-1.pprof")).doesNotExist();
  }

  @Test
  void whatBeginsAsATraceIsKept() throws Exception {
    assertThat(recorded("go 1.26 trace\0\0\0").recordings())
        .extracting(Start.Recording::file)
        .containsExactlyInAnyOrder("go-1.pprof", "go-1.trace");
    assertThat(folder.resolve("go-1.trace")).hasContent("go 1.26 trace\0\0\0");
  }

  @Test
  void aRecordingBeyondItsBoundIsCutAndSaidToBe() throws Exception {
    Start start = recorded("go 1.26 trace" + "x".repeat(2000));

    assertThat(folder.resolve("go-1.trace")).hasSize(MOST);
    assertThat(start.lost()).contains("go-1.trace from 100 bytes on: it had 2.0 KiB");
  }

  private Start recorded(String answer) throws Exception {
    byte[] body = answer.getBytes(StandardCharsets.US_ASCII);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      var builder = new StartBuilder(new Symboliser(), Map.of(), OptionalInt.empty());
      var settings =
          new TraceSettings(
              List.of("/bin/true"),
              Map.of(),
              OptionalInt.empty(),
              Wish.ANY,
              "/",
              "localhost",
              Optional.empty(),
              OptionalLong.empty(),
              Duration.ofSeconds(20),
              0,
              10,
              TraceSettings.Records.WHEN_WARM,
              folder);
      new Recorder(settings, builder, 1, MOST)
          .record(server.getAddress(), new Speech(false, false, Optional.empty()));
      return builder.build(List.of(), List.of());
    } finally {
      server.stop(0);
    }
  }
}
