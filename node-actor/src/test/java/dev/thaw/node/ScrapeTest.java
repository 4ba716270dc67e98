package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.ScrapePlan;
import org.junit.jupiter.api.Test;

class ScrapeTest {
  private static final String PAGE =
      """
      requests_total{code="200",path="/a"} 90
      requests_total{code="200",path="/b"} 7
      requests_total{code="503",path="/a"} 3
      latency_bucket{le="0.1"} 80
      latency_bucket{le="0.25"} 95
      latency_bucket{le="+Inf"} 100
      latency_count 100
      """;

  @Test
  void countersAreSummedOverTheSelectedSeries() {
    CountersReport read = scrape(0.25).read(PAGE).build();

    assertThat(read.getOk()).isTrue();
    assertThat(read.getRequests()).isEqualTo(100);
    assertThat(read.getErrors()).isEqualTo(3);
    assertThat(read.getLatencyCount()).isEqualTo(100);
    assertThat(read.getLatencyWithin()).isEqualTo(95);
  }

  @Test
  void aBoundThatIsNoBucketIsRefusedWithThoseThatAre() {
    CountersReport read = scrape(0.2).read(PAGE).build();

    assertThat(read.getOk()).isFalse();
    assertThat(read.getError()).contains("slowAfter 0.2 s is no bucket of latency_bucket");
    assertThat(read.getBucketsList()).containsExactly(0.1, 0.25, Double.POSITIVE_INFINITY);
  }

  @Test
  void aPageWithoutTheSeriesOrInAnotherFormatSaysSo() {
    assertThat(scrape(0.25).read("up 1\n").getError())
        .isEqualTo("the page has no series requests_total");
    assertThat(scrape(0.25).read("<html>hello</html>").getError())
        .startsWith("the page is not in Prometheus' text format: line 1");
  }

  @Test
  void aProcessThatHasTimedNothingYetIsInOrder() {
    CountersReport read = scrape(0.25).read("requests_total{code=\"200\"} 0\n").build();

    assertThat(read.getOk()).isTrue();
    assertThat(read.getLatencyCount()).isZero();
  }

  private static Scrape scrape(double slowAfter) {
    return new Scrape(
        ScrapePlan.newBuilder()
            .setRequestsSeries("requests_total")
            .setErrorsSelector("code=~\"5..\"")
            .setLatencySeries("latency")
            .setSlowAfterSeconds(slowAfter)
            .build());
  }
}
