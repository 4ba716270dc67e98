package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.Thaw.Ended;
import dev.thaw.app.trace.Thaw.Told;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** However a server wants to be spoken to, a trace finds it out. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class TraceSpeechIT {
  @RegisterExtension static final GoServer SERVER = new GoServer();

  @TempDir Path folder;

  @Test
  void aServerThatSpeaksHttp2AloneIsAskedUntilItsPlateau() throws Exception {
    Ended found = Thaw.trace(folder).of(SERVER.program(), "h2c").with(0);

    assertThat(found.said()).contains("finding out that the server speaks h2c");
    assertThat(Told.in(folder).at("/start/calls").size()).isGreaterThan(50);
    assertThat(Told.in(folder).step("plateau")).isPositive();
    Ended told = Thaw.trace(folder).with("--http", "2", "--tls", "off").of(SERVER.program(), "h2c");
    assertThat(told.said()).doesNotContain("finding out");
  }

  @Test
  void aServerThatSpeaksGrpcAloneIsCalled() throws Exception {
    Ended ended = Thaw.trace(folder).of(SERVER.program(), "grpc").with(0);

    assertThat(ended.said()).contains("speaks gRPC grpc.health.v1.Health/Check");
    assertThat(Told.in(folder).step("plateau")).isPositive();
    assertThat(Told.in(folder).at("/start/calls/0/status").asInt()).isEqualTo(405);
  }

  @Test
  void aHandshakeIsSplitAndItsKeyWeighed() throws Exception {
    Path rsa = folder.resolve("rsa");
    Path ecdsa = folder.resolve("ecdsa");

    Ended slow = Thaw.trace(rsa).with("--tls", "on").of(SERVER.program(), "rsa");
    Ended quick = Thaw.trace(ecdsa).of(SERVER.program(), "ecdsa");

    assertThat(slow.said())
        .contains("key RSA-2048")
        .contains("a P-256 certificate would save about");
    assertThat(quick.said())
        .contains("key P-256")
        .contains("finding out that the server speaks h2")
        .doesNotContain("certificate would save");
    assertThat(serversHalf(rsa)).isGreaterThan(serversHalf(ecdsa));
  }

  private static long serversHalf(Path folder) throws Exception {
    return Told.in(folder).at("/start/keyExchange/0/median").asLong();
  }
}
