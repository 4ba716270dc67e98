package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.trace.PackageInits.Entry;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitTest {
  private static final String OUTPUT =
      """
      init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs
      listening soon
      init main @2.5 ms, 96 ms clock, 15728640 bytes, 20044 allocs
      """;
  private static final List<InitTrace> TRACE =
      List.of(
          new InitTrace("internal/bytealg", 8_000, 0, 0, 0),
          new InitTrace("main", 2_500_000, 96_000_000, 15_728_640, 20_044));

  @TempDir Path folder;

  @Test
  void readsGosLinesAndLeavesTheProgramsOwn() throws Exception {
    assertThat(InitTrace.read(Files.writeString(folder.resolve("log"), OUTPUT))).isEqualTo(TRACE);
    assertThat(InitTrace.read(folder.resolve("none"))).isEmpty();
  }

  @Test
  void aPackageIsCalledAsItIsImported() {
    var trace = List.of(new InitTrace("gopkg.in/yaml%2ev3", 8_000, 5_000, 0, 0));

    assertThat(
            PackageInits.of(List.of(), trace, OptionalLong.of(0), OptionalLong.empty()).packages())
        .extracting(Start.PackageInit::name)
        .containsExactly("gopkg.in/yaml.v3");
  }

  @Test
  void linesThatOnlyLookLikeGosAreLeft() throws Exception {
    String digits = "9".repeat(30);
    String others =
        """
        init a @1.2.3 ms, 0 ms clock, 0 bytes, 0 allocs
        init b @1 ms, 0 ms clock, %s bytes, 0 allocs
        init c @%s ms, 0 ms clock, 0 bytes, 0 allocs
        """
            .formatted(digits, digits);

    assertThat(InitTrace.parse(new ByteArrayInputStream((others + OUTPUT).getBytes())))
        .isEqualTo(TRACE);
  }

  /** 1 GiB in one line, 300,000 lines of Go's: the heap is for neither. */
  @Test
  void howeverMuchAProgramWritesOnlyItsFirstPackagesAreKept() throws Exception {
    byte[] goLines = "init a @1 ms, 0 ms clock, 0 bytes, 0 allocs\n".repeat(300_000).getBytes();
    var read = new AtomicLong();
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] into, int from, int most) {
            int given = read.get() >= 1L << 30 ? -1 : most;
            read.addAndGet(given);
            return given;
          }
        };
    var output =
        new SequenceInputStream(
            new SequenceInputStream(
                new ByteArrayInputStream(OUTPUT.getBytes()), new ByteArrayInputStream(goLines)),
            endless);

    List<InitTrace> packages = InitTrace.parse(output);

    assertThat(packages).startsWith(TRACE.toArray(InitTrace[]::new)).hasSize(10_000);
    assertThat(read).hasValueLessThan(100 << 20);
  }

  @Test
  void gosTimesAreMovedToWhereTheProbesSawThem() {
    var inits =
        PackageInits.of(
            List.of(
                new Entry(5_010_000, Optional.of("internal/bytealg")),
                new Entry(7_520_000, Optional.of("main"))),
            TRACE,
            OptionalLong.of(5_000_000),
            OptionalLong.of(110_000_000));

    assertThat(inits.packages())
        .extracting(Start.PackageInit::name, Start.PackageInit::at, Start.PackageInit::duration)
        .containsExactly(
            Tuple.tuple("internal/bytealg", 5_010_000L, 0L),
            Tuple.tuple("main", 7_520_000L, 96_000_000L));
    assertThat(inits.alignment())
        .hasValueSatisfying(
            fit -> {
              assertThat(fit.offset()).isEqualTo(5_020_000);
              assertThat(fit.error()).isEqualTo(18_000);
            });
  }

  @Test
  void aStrippedProgramsPackagesAreNamedByTheirOrder() {
    var inits =
        PackageInits.of(
            List.of(new Entry(10, Optional.empty()), new Entry(20, Optional.empty())),
            TRACE,
            OptionalLong.empty(),
            OptionalLong.of(30));

    assertThat(inits.packages())
        .extracting(Start.PackageInit::name)
        .containsExactly("internal/bytealg", "main");
  }

  @Test
  void withoutGosWordTheProbesStillTellHowLongEachTook() {
    var inits =
        PackageInits.of(
            List.of(new Entry(10, Optional.of("a")), new Entry(25, Optional.of("b"))),
            List.of(),
            OptionalLong.empty(),
            OptionalLong.of(30));

    assertThat(inits.packages())
        .containsExactly(
            new Start.PackageInit("a", 10, 15, -1, -1), new Start.PackageInit("b", 25, 5, -1, -1));
    assertThat(inits.alignment()).isEmpty();
  }

  @Test
  void aStrippedProgramThatDoesNotFitGosWordHasTimesWithoutNames() {
    var inits =
        PackageInits.of(
            List.of(new Entry(10, Optional.empty())),
            TRACE,
            OptionalLong.empty(),
            OptionalLong.of(30));

    assertThat(inits.packages())
        .containsExactly(new Start.PackageInit("(stripped)", 10, 20, -1, -1));
    assertThat(inits.alignment()).isEmpty();
  }

  @Test
  void withoutTheKernelsViewTheErrorIsABound() {
    var inits = PackageInits.of(List.of(), TRACE, OptionalLong.empty(), OptionalLong.empty());

    assertThat(inits.packages()).hasSize(2);
    assertThat(inits.alignment().orElseThrow().error()).isEqualTo(50_000_000);
  }

  @Test
  void partsOfOnePackageCountTogether() {
    assertThat(
            PackageInits.costly(
                List.of(
                    new Start.PackageInit("runtime", 1, 5, 1, 1),
                    new Start.PackageInit("main", 2, 9, 1, 1),
                    new Start.PackageInit("runtime", 3, 6, 1, 1)),
                1))
        .containsExactly(new Start.PackageInit("runtime", 1, 11, 2, 2));
  }
}
