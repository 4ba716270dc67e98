package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class WaterfallTest {

  @Test
  void aGoProgramsStartIsToldFromExecToPlateauWithoutGaps() {
    Start start =
        Starts.go(160)
            .init("net/http", 5, 2)
            .init("main", 10, 90)
            .plain(110, 1, 49)
            .call(111, 49)
            .step(Start.PLATEAU, 300)
            .build();

    var spans = Waterfall.of(start);

    assertThat(spans)
        .filteredOn(span -> span.depth() == 0)
        .extracting(Waterfall.Span::name)
        .containsExactly(
            "exec and loading",
            "before Go's scheduler",
            "Go scheduler, heap",
            "runtime packages",
            "package init",
            "main until it listens",
            "TCP",
            "first request",
            "warming");
    assertThat(spans)
        .filteredOn(span -> span.depth() == 1)
        .extracting(Waterfall.Span::name)
        .contains("init main", "init net/http");
    assertThat(named(spans, "package init").duration()).isEqualTo(97 * MS);
    assertThat(named(spans, "package init").note())
        .as("the clock's time and Go's own")
        .isEqualTo("2 packages; 92.0 ms within them by Go's count, the rest between");
    assertThat(named(spans, "warming").to()).isEqualTo(300 * MS);
  }

  @Test
  void aHandshakeShowsWhichPartIsTheServers() {
    Start start = Starts.go(160).tls(110, "RSA-2048", "X25519", 30, 40, 9).call(151, 9).build();

    var spans = Waterfall.of(start);

    assertThat(named(spans, "TLS").duration()).isEqualTo(40 * MS);
    assertThat(named(spans, "TLS").note()).contains("RSA-2048").contains("X25519");
    assertThat(named(spans, "server's half").duration()).isEqualTo(30 * MS);
  }

  @Test
  void aWrappersTimeStandsApart() {
    Start start =
        new Starts()
            .step("exec", 0)
            .step("exec server", 40)
            .step("entry", 41)
            .step(Start.LISTEN, 60)
            .build();

    var spans = Waterfall.of(start);

    assertThat(named(spans, "wrappers").duration()).isEqualTo(40 * MS);
    assertThat(named(spans, "exec and loading").from()).isEqualTo(40 * MS);
    assertThat(named(spans, "until it listens").duration()).isEqualTo(19 * MS);
  }

  @Test
  void whatNeverListensHasNoConnection() {
    assertThat(Waterfall.of(new Starts().step("exec", 0).build())).isEmpty();
  }

  @Test
  void whoIsWarmAtOnceHasAFigureForThatToo() {
    Start start = Starts.go(160).plain(110, 1, 49).call(111, 49).step(Start.PLATEAU, 160).build();

    assertThat(named(Waterfall.of(start), "warming").note()).startsWith("none");
    assertThat(TextReport.waterfall(start).lines())
        .filteredOn(line -> line.contains("warming"))
        .singleElement()
        .asString()
        .contains("160 ms    0.00 ms");
  }

  @Test
  void withoutStepsThePackagesThatGoToldOfAreParts() {
    Start start =
        new Starts()
            .step("exec", 0)
            .step(Start.LISTEN, 60)
            .init("github.com/some-vendor/with-a-long/path/v2", 5, 40)
            .build();

    assertThat(Waterfall.of(start))
        .extracting(Waterfall.Span::name, Waterfall.Span::depth)
        .containsExactly(
            Tuple.tuple("until it listens", 0),
            Tuple.tuple("init github.com/some-vendor/with-a-long/path/v2", 1));
    assertThat(TextReport.waterfall(start))
        .as("packages differ at their end")
        .contains("init github.c…h-a-long/path/v2 ");
  }

  @Test
  void theTextHasALineForEachSpan() {
    Start start = Starts.go(160).plain(110, 1, 49).call(111, 49).build();

    String text = TextReport.waterfall(start);

    assertThat(text.lines()).hasSize(Waterfall.of(start).size() + 1);
    assertThat(text).contains("first request").contains("49.0 ms");
  }

  private static Waterfall.Span named(List<Waterfall.Span> spans, String name) {
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }
}
