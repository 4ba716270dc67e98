package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolsTest {
  private static final FunctionTable FUNCTIONS =
      new FunctionTable(
          new long[] {0x1000, 0x1040, 0x1100},
          new long[] {0x1020, 0, 0},
          i -> List.of("first", "second", "third").get(i));

  @Test
  void anAddressBelongsToTheFunctionThatBeganBeforeIt() {
    assertThat(FUNCTIONS.at(0x1000)).hasValue("first");
    assertThat(FUNCTIONS.at(0x10ff)).hasValue("second");
    assertThat(FUNCTIONS.at(0x9999)).hasValue("third");
  }

  @Test
  void noFunctionHoldsWhatLiesBeforeTheFirstOrBehindAKnownEnd() {
    assertThat(FUNCTIONS.at(0xfff)).isEmpty();
    assertThat(FUNCTIONS.at(0x1020)).isEmpty();
  }

  @Test
  void functionsAreFoundByTheirWholeNames() {
    assertThat(FUNCTIONS.addresses(Set.of("second", "thi"))).isEqualTo(Map.of("second", 0x1040L));
  }

  @Property(tries = 300)
  void whateverAFileHoldsItIsReadWithoutHarm(
      @ForAll @IntRange(max = 4000) int at, @ForAll byte wrong, @ForAll @IntRange(max = 7) int more)
      throws IOException {
    byte[] bytes = Files.readAllBytes(Path.of("/bin/true"));
    for (int i = 0; i <= more; i++) {
      bytes[at + 13 * i] = (byte) (wrong + i);
    }

    StartImage image = StartImage.parse(ByteBuffer.wrap(bytes));

    assertThat(image.steps().values())
        .allSatisfy(offset -> assertThat(offset).isBetween(0L, (long) bytes.length));
    assertThat(image.packages()).isEmpty();
    assertThat(image.function(0x1234))
        .satisfiesAnyOf(f -> assertThat(f).isEmpty(), f -> assertThat(f).isPresent());
    image.goVersion();
  }

  @Test
  void ofAMemoryMapOnlyCodeOfFilesCounts() {
    var files =
        MappedFile.parse(
            List.of(
                "00400000-00452000 r--p 00000000 08:02 17 /usr/bin/x",
                "00452000-00500000 r-xp 00052000 08:02 17 /usr/bin/x y (deleted)",
                "7f0000000000-7f0000001000 r-xp 00000000 00:00 0 ",
                "7fff0000-7fff1000 r-xp 00000000 00:00 0 [vdso]"));

    assertThat(files).containsExactly(new MappedFile(0x452000, 0x500000, 0x52000, "/usr/bin/x y"));
  }

  @Test
  void kernelAddressesAreUnsigned() {
    var kernel =
        KernelFunctions.parse(
            Stream.of(
                "ffffffff81000000 T _text",
                "ffffffff81000100 t do_fault",
                "ffffffff81000180 D data",
                "ffffffffc0000000 t in_module\t[module]"));

    assertThat(kernel.name(0xffffffff81000123L)).isEqualTo("do_fault");
    assertThat(kernel.name(0xffffffffc0000010L)).isEqualTo("in_module");
    assertThat(kernel.name(0x1000)).isEqualTo("[kernel code]");
  }

  @Test
  void aKernelThatHidesItsAddressesHasNoNames() {
    assertThat(KernelFunctions.parse(Stream.of("0000000000000000 T _text")).name(-5))
        .isEqualTo("[kernel code]");
  }

  @Test
  void processorsAreListedOneByOne() {
    assertThat(PerfEvents.parse("0-2,5")).containsExactly(0, 1, 2, 5);
    assertThat(PerfEvents.parse("0")).containsExactly(0);
  }

  /** Were it mapped, the JVM would end here. */
  @Test
  void aFileThatIsCutShortWhileItsNamesAreAskedForHasNone(@TempDir Path folder) throws IOException {
    Path file = Files.copy(Path.of("/bin/true").toRealPath(), folder.resolve("program"));
    StartImage image = StartImage.read(file);
    assertThat(image.isDynamic()).isTrue();

    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }

    for (long address = 0; address < 1 << 16; address += 64) {
      image.function(address);
    }
    assertThat(image.packages()).isEmpty();
    assertThat(image.goVersion()).isEmpty();
  }

  @Test
  void aFileThatIsNoProgramHasNoSteps() {
    StartImage image = StartImage.read(Path.of("/proc/self/cmdline"));

    assertThat(image.steps()).isEmpty();
    assertThat(image.isGo()).isFalse();
    assertThat(image.goVersion()).isEmpty();
    assertThat(image.packages()).isEmpty();
  }
}
