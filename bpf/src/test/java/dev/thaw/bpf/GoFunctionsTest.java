package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is sure enough to put a probe on, and what is not. */
class GoFunctionsTest {

  @Test
  void everyMarkIsFoundWithoutSectionsAndSymbols() {
    assertThat(GoBinary.parse(ByteBuffer.wrap(TinyGo.bytes())).offsets()).isEqualTo(everyMark());
  }

  @Test
  void ofAPositionIndependentProgramTheLoadersValuesCount() {
    assertThat(GoBinary.parse(ByteBuffer.wrap(TinyGo.relocated())).offsets())
        .isEqualTo(everyMark());
  }

  @Test
  void moduleDataThatDisagreesWithTheTableIsNotBelieved() {
    for (int word : new int[] {160, 168, 176}) {
      refused(
          bytes -> bytes.putLong(TinyGo.MODULE + word, bytes.getLong(TinyGo.MODULE + word) + 16),
          "the start of its code could not be made sure of");
    }
  }

  @Test
  void withoutModuleDataTheHeadersOwnStartIsNotBelieved() {
    refused(
        bytes ->
            bytes.putLong(TinyGo.MODULE, 0).putLong(TinyGo.TABLE + 24, TinyGo.BASE + TinyGo.TEXT),
        "the start of its code could not be made sure of");
  }

  @Test
  void aTableThatLeadsOutOfTheFileIsRefusedWithThePlace() {
    refused(
        bytes -> bytes.putInt(TinyGo.TABLE + TinyGo.ENTRIES + 4, 0x7fffffff), "it points to byte");
  }

  @Test
  void aTableOfAnotherGoIsNamed() {
    GoBinary binary =
        GoBinary.parse(
            ByteBuffer.wrap(
                TinyGo.bytes(
                    bytes -> {
                      bytes.putInt(TinyGo.TABLE, 0xfffffffa);
                      bytes.putLong(40, 0x900).putShort(60, (short) 2).putShort(62, (short) 1);
                      bytes.putInt(0x900, 1).putLong(0x900 + 24, TinyGo.TABLE);
                      bytes.putLong(0x940 + 24, 0xa00);
                      bytes.put(0xa01, ".gopclntab".getBytes());
                    })));

    assertThat(binary.unsure()).isTrue();
    assertThat(binary.how()).contains("0xfffffffa").contains("not of Go 1.18 to 1.26");
  }

  @Test
  void aProgramThatIsNotGoIsNoCauseForDoubt() {
    GoBinary binary =
        GoBinary.parse(ByteBuffer.wrap(TinyGo.bytes(bytes -> bytes.putInt(TinyGo.TABLE, 0))));

    assertThat(binary.unsure()).isFalse();
    assertThat(binary.how()).contains("no Go program");
  }

  @Test
  void manySegmentsOverOneLargeFileEndInARefusalAndNotInAnHour() {
    long size = 1L << 30;
    byte[] head =
        TinyGo.bytes(
            bytes -> {
              bytes.putInt(TinyGo.TABLE, 0).putShort(56, (short) 9);
              for (int i = 0; i < 9; i++) {
                TinyGo.segment(bytes, i, 1, 6, 0, size);
              }
            });
    var file =
        new FileBytes(
            size,
            (offset, into) -> {
              if (offset < head.length) {
                into.put(head, (int) offset, head.length);
              }
            });

    assertThat(GoBinary.parse(file).how()).contains("all over the file");
  }

  /** A pod can make such a file from a few bytes: the rest is a hole. */
  @Test
  void aSegmentOverAHoleOfAGibibyteIsNotReadToItsEnd() {
    long size = 1L << 30;
    byte[] head =
        TinyGo.bytes(
            bytes -> {
              bytes.putInt(TinyGo.TABLE, 0).putShort(56, (short) 1);
              TinyGo.segment(bytes, 0, 1, 6, 0, size);
            });
    var read = new AtomicLong();
    var file =
        new FileBytes(
            size,
            (offset, into) -> {
              read.addAndGet(into.remaining());
              if (offset < head.length) {
                into.put(head, (int) offset, head.length);
              }
            });

    GoBinary binary = GoBinary.parse(file);

    assertThat(binary.how()).contains("all over the file");
    assertThat(read.get()).isLessThanOrEqualTo(size / 4);
  }

  private static void refused(Consumer<ByteBuffer> spoil, String why) {
    GoBinary binary = GoBinary.parse(ByteBuffer.wrap(TinyGo.bytes(spoil)));

    assertThat(binary.offsets()).isEmpty();
    assertThat(binary.how()).contains(why);
    assertThat(binary.unsure()).isTrue();
  }

  private static Map<MarkKind, Long> everyMark() {
    return Map.of(
        MarkKind.RUNTIME_MAIN, TinyGo.TEXT + 0L,
        MarkKind.MAIN_MAIN, TinyGo.TEXT + 16L,
        MarkKind.NET_HTTP_SERVE, TinyGo.TEXT + 32L,
        MarkKind.GRPC_SERVE, TinyGo.TEXT + 48L);
  }
}
