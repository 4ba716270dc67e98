package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.node.MetricsPage.Sample;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MetricsPageTest {

  @Example
  void commentsTimestampsAndExemplarsArePassedOver() {
    String page =
        """
        # HELP requests_total Requests.
        # TYPE requests_total counter

        requests_total{code="200", path="/a"} 12 1700000000000
        requests_total{code="500",path="/a",} 3
          up 1
        latency_bucket{le="+Inf"} 4 # {trace_id="x"} 0.2
        """;

    assertThat(MetricsPage.parse(page).samples())
        .containsExactly(
            new Sample("requests_total", Map.of("code", "200", "path", "/a"), 12),
            new Sample("requests_total", Map.of("code", "500", "path", "/a"), 3),
            new Sample("up", Map.of(), 1),
            new Sample("latency_bucket", Map.of("le", "+Inf"), 4));
  }

  @Example
  void valuesMayBeInfiniteOrNone() {
    assertThat(MetricsPage.parse("a +Inf\nb -Inf\nc NaN\nd 1e-3").samples())
        .extracting(Sample::value)
        .containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, 0.001);
  }

  @Example
  void escapedQuotesBackslashesAndNewlinesAreUndone() {
    assertThat(MetricsPage.parse("a{b=\"x\\\"y\\\\z\\nw\"} 1").samples())
        .containsExactly(new Sample("a", Map.of("b", "x\"y\\z\nw"), 1));
  }

  @Example
  void aLineThatIsNoSampleRefusesThePageWithItsPlace() {
    assertThatThrownBy(() -> MetricsPage.parse("up 1\n<html>"))
        .hasMessage("line 2, column 1: expected a name in: <html>");
    assertThatThrownBy(() -> MetricsPage.parse("up one"))
        .hasMessage("line 1, column 7: expected a number in: up one");
    assertThatThrownBy(() -> MetricsPage.parse("up{a=\"1 1")).hasMessageContaining("closing quote");
    assertThatThrownBy(() -> MetricsPage.parse("up{a=\"1\"")).hasMessageContaining(", or }");
    assertThatThrownBy(() -> MetricsPage.parse("up{a 1")).hasMessageContaining("expected =");
    assertThatThrownBy(() -> MetricsPage.parse("x".repeat(500) + "!")).hasMessageContaining("...");
  }

  @Property
  void whatIsWrittenIsRead(@ForAll("samples") List<Sample> samples) {
    var page = new StringBuilder();
    for (Sample sample : samples) {
      page.append(sample.name()).append('{');
      sample
          .labels()
          .forEach(
              (name, value) ->
                  page.append(name)
                      .append("=\"")
                      .append(
                          value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                      .append("\","));
      page.append("} ").append(sample.value()).append('\n');
    }

    assertThat(MetricsPage.parse(page.toString()).samples()).isEqualTo(samples);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    try {
      assertThat(MetricsPage.parse(text).samples()).isNotNull();
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageStartingWith("line ");
    }
  }

  @Provide
  Arbitrary<List<Sample>> samples() {
    Arbitrary<String> names = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(10);
    Arbitrary<String> values = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(8);
    return Combinators.combine(
            names, Arbitraries.maps(names, values).ofMaxSize(4), Arbitraries.doubles())
        .as(Sample::new)
        .list()
        .ofMaxSize(10);
  }
}
