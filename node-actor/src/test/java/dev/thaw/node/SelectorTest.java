package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.node.MetricsPage.Sample;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SelectorTest {
  private static final Sample OK = sample("200");
  private static final Sample BAD = sample("503");

  @Example
  void aNameAloneSelectsEverySeriesOfThatName() {
    assertThat(Selector.parse(" requests_total ").selects(OK)).isTrue();
    assertThat(Selector.parse("requests").selects(OK)).isFalse();
  }

  @Example
  void everyMatcherMustHold() {
    assertThat(Selector.parse("requests_total{code=\"200\",path=\"/a\"}").selects(OK)).isTrue();
    assertThat(Selector.parse("requests_total{code=\"200\",path=\"/b\"}").selects(OK)).isFalse();
    assertThat(Selector.parse("requests_total{code!=\"200\"}").selects(OK)).isFalse();
    assertThat(Selector.parse("requests_total{code!=\"200\"}").selects(BAD)).isTrue();
  }

  @Example
  void patternsMatchTheWholeValue() {
    assertThat(Selector.parse("requests_total{code=~\"5..\"}").selects(BAD)).isTrue();
    assertThat(Selector.parse("requests_total{code=~\"5.\"}").selects(BAD)).isFalse();
    assertThat(Selector.parse("requests_total{code!~\"5..\"}").selects(OK)).isTrue();
  }

  @Example
  void anAbsentLabelIsAnEmptyOne() {
    assertThat(Selector.parse("requests_total{zone=\"\"}").selects(OK)).isTrue();
    assertThat(Selector.parse("requests_total{zone!=\"\"}").selects(OK)).isFalse();
  }

  @Example
  void conditionsAreAddedAndPartsOfAHistogramNamed() {
    Selector errors = Selector.parse("requests_total{path=\"/a\"}").and("code=~\"5..\"");

    assertThat(errors.selects(BAD)).isTrue();
    assertThat(errors.selects(OK)).isFalse();
    assertThat(Selector.parse("latency{path=\"/a\"}").suffixed("_bucket").name())
        .isEqualTo("latency_bucket");
  }

  @Example
  void quotedBracesAndQuotesBelongToTheValue() {
    Selector odd = Selector.parse("a{b=\"x}\\\"y\"}");

    assertThat(odd.selects(new Sample("a", Map.of("b", "x}\"y"), 1))).isTrue();
  }

  @Example
  void whatIsNoSeriesIsRefusedWithWhatIsAccepted() {
    assertThatThrownBy(() -> Selector.parse("rate(requests_total[1m])"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no series (expected: name");
    assertThatThrownBy(() -> Selector.parse("a{b}"))
        .hasMessage("b is no label matcher (expected: label=\"value\")");
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    try {
      assertThat(Selector.parse(text).name()).isNotEmpty();
      assertThat(Selector.parse("a{" + text + "}").matchers()).isNotNull();
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("expected");
    }
  }

  private static Sample sample(String code) {
    return new Sample("requests_total", Map.of("code", code, "path", "/a"), 1);
  }
}
