package dev.thaw.node;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A page of metrics, read once per warming pod and second. */
@State(Scope.Benchmark)
public class MetricsPageSpeed {
  @Param({"100", "2000"})
  int lines;

  private String page = "";

  @Setup
  public void page() {
    var text = new StringBuilder("# TYPE http_requests_total counter\n");
    for (int i = 0; i < lines; i++) {
      text.append("http_requests_total{method=\"GET\",path=\"/order/")
          .append(i)
          .append("\",code=\"200\"} ")
          .append(i * 17.0)
          .append('\n');
    }
    page = text.toString();
  }

  @Benchmark
  public Object parse() {
    return MetricsPage.parse(page);
  }
}
