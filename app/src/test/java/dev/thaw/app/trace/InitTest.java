package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.trace.PackageInits.Entry;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class InitTest {
  private static final List<String> OUTPUT =
      List.of(
          "init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs",
          "listening soon",
          "init main @2.5 ms, 96 ms clock, 15728640 bytes, 20044 allocs");

  @Test
  void readsGosLinesAndLeavesTheProgramsOwn() {
    assertThat(InitTrace.parse(OUTPUT))
        .containsExactly(
            new InitTrace("internal/bytealg", 8_000, 0, 0, 0),
            new InitTrace("main", 2_500_000, 96_000_000, 15_728_640, 20_044));
  }

  @Test
  void gosTimesAreMovedToWhereTheProbesSawThem() {
    var inits =
        PackageInits.of(
            List.of(
                new Entry(5_010_000, Optional.of("internal/bytealg")),
                new Entry(7_520_000, Optional.of("main"))),
            InitTrace.parse(OUTPUT),
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
            InitTrace.parse(OUTPUT),
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
            InitTrace.parse(OUTPUT),
            OptionalLong.empty(),
            OptionalLong.of(30));

    assertThat(inits.packages())
        .containsExactly(new Start.PackageInit("(stripped)", 10, 20, -1, -1));
    assertThat(inits.alignment()).isEmpty();
  }

  @Test
  void withoutTheKernelsViewTheErrorIsABound() {
    var inits =
        PackageInits.of(
            List.of(), InitTrace.parse(OUTPUT), OptionalLong.empty(), OptionalLong.empty());

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
