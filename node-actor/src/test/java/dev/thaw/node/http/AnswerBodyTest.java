package dev.thaw.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** What is kept of an answer. */
class AnswerBodyTest {
  private static final byte[] MEGABYTE = new byte[1 << 20];

  @Test
  void aBodyThatNobodyReadsIsCountedAndNotKept() {
    var body = new AnswerBody(false);
    for (int i = 0; i < 4; i++) {
      assertThat(body.add(Unpooled.wrappedBuffer(MEGABYTE))).isTrue();
    }

    assertThat(body.text()).isEmpty();
    assertThat(body.add(Unpooled.wrappedBuffer(new byte[1]))).as("over 4 MiB").isFalse();
  }

  @Test
  void aBodyThatIsReadIsTextInItsOrder() {
    var body = new AnswerBody(true);
    body.add(Unpooled.copiedBuffer(new byte[] {'a', (byte) 0xc3}));
    body.add(Unpooled.copiedBuffer(new byte[] {(byte) 0xa9, 'b'}));

    assertThat(body.text()).isEqualTo("a\u00e9b");
  }
}
