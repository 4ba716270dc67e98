package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FirstBytesTest {
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final Target TARGET =
      Target.of(new InetSocketAddress("127.0.0.5", 8080), Duration.ofSeconds(1));

  private final CompletableFuture<HttpConnection> opened = new CompletableFuture<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(new FirstBytes(TARGET, opened));

  @Example
  void aSettingsFramePassesWholeAndTheGuardGoes() {
    channel.writeInbound(Unpooled.copiedBuffer(SETTINGS));

    assertThat(read()).isEqualTo(SETTINGS);
    assertThat(channel.pipeline().get(FirstBytes.class)).isNull();
    assertThat(opened).isNotDone();
  }

  @Property(tries = 20)
  void howeverItIsCutTheFrameArrivesWhole(@ForAll @IntRange(min = 1, max = 8) int cut) {
    var whole = new EmbeddedChannel(new FirstBytes(TARGET, opened));
    whole.writeInbound(Unpooled.copiedBuffer(SETTINGS, 0, cut));
    Object nothing = whole.readInbound();
    assertThat(nothing).isNull();

    whole.writeInbound(Unpooled.copiedBuffer(SETTINGS, cut, SETTINGS.length - cut));

    ByteBuf frame = whole.readInbound();
    assertThat(ByteBufUtil.getBytes(frame)).isEqualTo(SETTINGS);
    frame.release();
  }

  @Example
  void anAnswerInPlainTextIsNoHttp2() {
    channel.writeInbound(
        Unpooled.copiedBuffer("HTTP/1.1 400 Bad Request\r\n", StandardCharsets.US_ASCII));

    assertThat(failure()).hasMessageEndingWith("does not speak HTTP/2 without TLS");
    assertThat(failure().kind()).isEqualTo(Failure.Kind.WRONG_PROTOCOL);
    assertThat(channel.isOpen()).isFalse();
  }

  @Example
  void anAlertSaysThatItSpeaksTls() {
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x15, 3, 1, 0, 2, 2, 22}));

    assertThat(failure()).hasMessageEndingWith("speaks TLS");
  }

  @Example
  void anotherFrameFirstIsNoHttp2() {
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 6, 0, 0, 0, 0, 0}));

    assertThat(failure().kind()).isEqualTo(Failure.Kind.WRONG_PROTOCOL);
  }

  @Example
  void anEndInsteadOfAnAnswerIsNoHttp2() {
    channel.close();

    assertThat(failure()).hasMessageEndingWith("closed the connection at HTTP/2's first bytes");
  }

  @Property
  void noBytesPassThatAreNoSettingsFrame(@ForAll @Size(min = 1, max = 64) byte[] bytes) {
    var result = new CompletableFuture<HttpConnection>();
    var guarded = new EmbeddedChannel(new FirstBytes(TARGET, result));

    guarded.writeInbound(Unpooled.copiedBuffer(bytes));

    ByteBuf passed = guarded.readInbound();
    boolean settings = bytes.length >= 9 && bytes[0] == 0 && bytes[3] == 4;
    assertThat(passed != null).isEqualTo(settings);
    assertThat(result.isCompletedExceptionally())
        .isEqualTo(bytes[0] != 0 || bytes.length > 3 && bytes[3] != 4);
    if (passed != null) {
      passed.release();
    }
  }

  private byte[] read() {
    ByteBuf frame = channel.readInbound();
    byte[] bytes = ByteBufUtil.getBytes(frame);
    frame.release();
    return bytes;
  }

  private Failure failure() {
    Throwable thrown = catchThrowable(opened::join);
    assertThat(thrown).isInstanceOf(CompletionException.class);
    return (Failure) thrown.getCause();
  }
}
