package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** On programs built by the Go at hand, and on what an attacker might put in their place. */
class GoBinaryTest {
  private static final int MAGIC_118 = 0xfffffff0;
  private static final int MAGIC_120 = 0xfffffff1;

  /** What the program has: it serves by what is called gRPC, and not by net/http. */
  private static final MarkKind[] ITS_MARKS = {
    MarkKind.RUNTIME_MAIN, MarkKind.MAIN_MAIN, MarkKind.GRPC_SERVE
  };

  private static Path folder;
  private static byte[] whole;
  private static byte[] stripped;
  private static byte[] pie;

  @BeforeContainer
  static void build() throws Exception {
    folder = Files.createTempDirectory("thaw-go-binary");
    whole = Files.readAllBytes(GoPrograms.build(folder, "whole"));
    stripped = Files.readAllBytes(GoPrograms.build(folder, "stripped", "-ldflags=-s -w"));
    pie =
        Files.readAllBytes(
            GoPrograms.build(
                folder, "pie", Map.of("CGO_ENABLED", "0"), "-buildmode=pie", "-ldflags=-s -w"));
  }

  @AfterContainer
  static void remove() throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }

  @Example
  void theSymbolTableHelpsWhereTheTableOfFunctionsCannotBeRead() {
    byte[] odd = whole.clone();
    little(odd).putInt(lineTable(odd), 0xfffffffa);

    assertThat(parse(odd).how()).isEqualTo("symbol table");
    assertThat(parse(odd).offsets()).isEqualTo(parse(whole).offsets());
    assertThat(parse(whole).offsets()).containsOnlyKeys(ITS_MARKS);
  }

  @Example
  void theLineTableNamesTheSameFunctionsWithTheSymbolTableGone() {
    byte[] hidden = renamed(whole, ".symtab");

    assertThat(parse(hidden).how()).contains("gopclntab");
    assertThat(parse(hidden).offsets()).isEqualTo(parse(whole).offsets());
  }

  @Example
  void aStrippedProgramIsReadByItsLineTable() {
    assertThat(parse(stripped).how()).contains("gopclntab");
    assertThat(parse(stripped).offsets()).containsOnlyKeys(ITS_MARKS);
  }

  @Example
  void aPositionIndependentProgramIsReadToo() {
    assertThat(parse(pie).offsets()).containsOnlyKeys(ITS_MARKS);
  }

  @Example
  void bothMagicsOfTheLineTableAreKnown() {
    assertThat(parse(withMagic(MAGIC_118)).offsets()).isEqualTo(parse(stripped).offsets());
    assertThat(parse(withMagic(MAGIC_120)).offsets()).isEqualTo(parse(stripped).offsets());
    assertThat(parse(withMagic(0xfffffffa)).offsets()).isEmpty(); // Go 1.16: another shape
  }

  @Example
  void withoutSectionHeadersTheLineTableIsFoundByItsOwn() {
    byte[] bare = stripped.clone();
    little(bare).putLong(40, 0).putShort(60, (short) 0);

    assertThat(parse(bare).how()).isEqualTo("table of functions found by its header");
    assertThat(parse(bare).offsets()).isEqualTo(parse(stripped).offsets());
  }

  @Example
  void whatIsNoGoProgramIsRefusedInASentence() throws IOException {
    assertThat(GoBinary.read(Path.of("/bin/sh")).how()).contains("no Go program");
    assertThat(GoBinary.read(folder).how()).contains("cannot be read");
    assertThat(GoBinary.read(folder.resolve("none")).how()).contains("cannot be read");
    assertThat(parse("#!/bin/sh\n".getBytes(StandardCharsets.UTF_8)).how())
        .isEqualTo("it is not an ELF file");
    assertThat(parse(new byte[0]).how()).isEqualTo("it is not an ELF file");
  }

  @Example
  void aCountOfFunctionsBeyondTheFileEndsWithoutAnOffset() {
    byte[] hostile = stripped.clone();
    int header = lineTable(hostile);
    little(hostile).putLong(header + 8, (1 << 22) - 1).putLong(header + 64, hostile.length - 64);

    assertThat(parse(hostile).offsets()).isEmpty();
  }

  @Example
  void aNegativeCountOfFunctionsIsNoLineTable() {
    byte[] hostile = stripped.clone();
    little(hostile).putLong(lineTable(hostile) + 8, -1);

    assertThat(parse(hostile).how()).contains("not of Go 1.18 to 1.26");
  }

  @Property(tries = 200)
  void aTruncatedProgramNamesNoOffsetOrTheRightOnes(
      @ForAll @IntRange(max = 1_000_000_000) int cut) {
    byte[] part = Arrays.copyOf(stripped, cut % stripped.length);

    GoBinary found = parse(part);

    assertThat(parse(stripped).offsets()).containsAllEntriesOf(found.offsets());
    assertThat(found.how()).isNotBlank();
  }

  @Property(tries = 500)
  void garbledHeadersEndInAnAnswer(
      @ForAll @Size(min = 1, max = 8) byte[] garble, @ForAll @IntRange(max = 511) int at) {
    byte[] hostile = stripped.clone();
    System.arraycopy(garble, 0, hostile, at, garble.length);

    assertThat(parse(hostile).how()).isNotBlank();
  }

  @Property(tries = 300)
  void aGarbledLineTableEndsInAnAnswer(
      @ForAll @Size(min = 1, max = 8) byte[] garble, @ForAll @IntRange(max = 127) int at) {
    byte[] hostile = stripped.clone();
    System.arraycopy(garble, 0, hostile, lineTable(stripped) + at, garble.length);

    GoBinary found = parse(hostile);

    assertThat(found.how()).isNotBlank();
    assertThat(found.offsets().values())
        .allSatisfy(offset -> assertThat(offset).isBetween(0L, (long) hostile.length));
  }

  @Property
  void randomBytesBehindAnElfHeaderEndInAnAnswer(@ForAll @Size(max = 4096) byte[] random) {
    byte[] hostile = Arrays.copyOf(Arrays.copyOf(stripped, 64), 64 + random.length);
    System.arraycopy(random, 0, hostile, 64, random.length);

    GoBinary found = parse(hostile);

    assertThat(found.offsets()).isEmpty();
    assertThat(found.how()).isNotBlank();
  }

  private static GoBinary parse(byte[] bytes) {
    return GoBinary.parse(ByteBuffer.wrap(bytes));
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int lineTable(byte[] program) {
    ElfFile elf = ElfFile.parse(FileBytes.of(little(program)));
    return (int)
        elf.section(".gopclntab")
            .or(() -> elf.section(".data.rel.ro.gopclntab"))
            .orElseThrow()
            .offset();
  }

  private static byte[] withMagic(int magic) {
    byte[] program = stripped.clone();
    little(program).putInt(lineTable(program), magic);
    return program;
  }

  /** The program with this section's name made unknown. */
  private static byte[] renamed(byte[] program, String section) {
    byte[] result = program.clone();
    byte[] name = ("\0" + section + "\0").getBytes(StandardCharsets.US_ASCII);
    for (int at = result.length - name.length; at >= 0; at--) {
      if (Arrays.equals(result, at, at + name.length, name, 0, name.length)) {
        result[at + 1] = '_';
        return result;
      }
    }
    throw new AssertionError("no section " + section);
  }
}
