package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.Chromium;
import dev.thaw.app.trace.go.GoTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in a real browser, in both colour schemes; nothing is loaded from anywhere. */
class PageIT {
  private static final String TOO_WIDE =
      """
      <script>
      const wide = [...document.querySelectorAll('.chart')]
        .filter(box => echarts.getInstanceByDom(box).getWidth() > box.offsetWidth)
        .map(box => box.getAttribute('aria-label') + ' at ' + box.offsetWidth);
      const told = 'widths looked at, too ' + 'wide: ' + (wide.join(', ') || 'none');
      document.body.append(told);
      parent.postMessage(told, '*');
      </script>
      """;

  private static final String NARROWED =
      """
      <script>
      main.style.width = '500px';
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const wide = [...document.querySelectorAll('.chart')]
          .filter(box => echarts.getInstanceByDom(box).getWidth() > box.offsetWidth)
          .map(box => box.getAttribute('aria-label') + ' at ' + box.offsetWidth);
        document.body.append('widths when narrow, too ' + 'wide: ' + (wide.join(', ') || 'none'));
      }));
      </script>
      """;

  @TempDir Path folder;

  @BeforeEach
  void needsChromium() {
    Chromium.needed();
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void everyChartOfAStartIsDrawn(String scheme) throws Exception {
    Start start = whole();
    Report report =
        Report.of(
            Starts.setting(OptionalInt.of(300)),
            List.of(start, start),
            Comparison.of(
                Map.of(Measures.LISTEN, List.of(1L, 2L)), Map.of(Measures.LISTEN, List.of(3L, 4L))),
            recorded());
    ReportFiles.write(report, folder);

    String page = opened("start.html", scheme);

    assertThat(page).contains("data-theme=\"" + scheme + "\"").doesNotContain("data-failed");
    // waterfall, heat map, flame chart, four of resources, requests, one histogram
    assertThat(Chromium.charts(page)).isEqualTo(9);
    assertThat(page)
        .contains("init of main")
        .contains("Against the baseline")
        .contains("Go's own profile (pprof)")
        .contains("Rows that begin with Go and pprof")
        .contains("placed within 64 ns")
        .contains("All starts");
  }

  /** Asked at once: a later look at the page, as a picture of it is, puts the charts in order. */
  @ParameterizedTest
  @ValueSource(strings = {"start.html", "frame.html"})
  void noChartIsWiderThanItsBox(String opened) throws Exception {
    Start start = whole();
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of(), GoView.NONE),
        folder);
    Path page = folder.resolve("start.html");
    String written = Files.readString(page);
    int end = written.lastIndexOf("</body>"); // the charting library has one too
    Files.writeString(page, written.substring(0, end) + TOO_WIDE + written.substring(end));
    Files.writeString(
        folder.resolve("frame.html"),
        """
        <html><body><script>onmessage = told => {
          document.documentElement.dataset.drawn = 1; document.body.append(told.data); };</script>
        <iframe src="start.html" width="1000" height="600"></iframe></body></html>
        """);

    assertThat(opened(opened, "light")).contains("widths looked at, too wide: none");
  }

  @Test
  void chartsBecomeAsNarrowAsTheirBoxes() throws Exception {
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(whole()), List.of(), GoView.NONE),
        folder);
    Path page = folder.resolve("start.html");
    String written = Files.readString(page);
    int end = written.lastIndexOf("</body>");
    Files.writeString(page, written.substring(0, end) + NARROWED + written.substring(end));

    assertThat(opened("start.html", "light")).contains("widths when narrow, too wide: none");
  }

  @Test
  void aStartOfWhichLittleWasSeenStillHasAPage() throws Exception {
    Start start = new Starts().step("exec", 0).step(Start.LISTEN, 5).build();
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of(), GoView.NONE),
        folder);

    String page = opened("start.html", "light");

    assertThat(page).doesNotContain("data-failed");
    assertThat(Chromium.charts(page)).isEqualTo(1);
  }

  @Test
  void textsOfTheProgramCannotBecomeMarkup() throws Exception {
    Start start =
        new Starts()
            .step("exec", 0)
            .step(Start.LISTEN, 5)
            .sample(1, "</script><b id=x>", "<!--<script>", "@DATA@ @SCRIPT@")
            .build();
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of(), GoView.NONE),
        folder);

    String page = opened("start.html", "light");
    assertThat(page).doesNotContain("data-failed").doesNotContain("<b id=\"x\"");
    assertThat(Chromium.charts(page)).as("waterfall, heat map, flame chart").isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void anExperimentsGridIsDrawn(String scheme) throws Exception {
    var cells = new ArrayList<Grid.Cell>();
    for (String cpu : List.of("100m", "400m")) {
      cells.add(
          Grid.Cell.of(
              cpu,
              "64Mi",
              List.of(
                  new Grid.Run(OptionalLong.of(Starts.MS * 90), Starts.MS, false),
                  new Grid.Run(OptionalLong.empty(), 0, true))));
    }
    String json =
        ReportFiles.json(
            new ExperimentCommand.Result(
                Report.VERSION, Starts.setting(OptionalInt.empty()), 2, true, Grid.of(cells)));
    Files.writeString(folder.resolve("experiment.html"), Page.of("experiment", json));

    String page = opened("experiment.html", scheme);

    assertThat(page)
        .doesNotContain("data-failed")
        .contains("for want of memory")
        .contains("1 of 2")
        .contains("Interrupted: not every cell");
    assertThat(Chromium.charts(page)).isEqualTo(2);
  }

  private static GoView recorded() {
    var sight = new Start.Sample(200 * Starts.MS, 0, 0, false);
    return new GoView(
        List.of(List.of("net/http.(*conn).serve", "main.handle")),
        List.of(sight),
        List.of(sight),
        10 * Starts.MS,
        List.of(new GoTrace.Span(GoTrace.RUNNING, 190 * Starts.MS, 210 * Starts.MS)),
        List.of("Go's execution trace (go-1.trace) is placed within 64 ns: by its clock"));
  }

  private static Start whole() {
    var starts =
        Starts.go(160)
            .init("main", 10, 90)
            .tls(110, "RSA-2048", "X25519", 20, 30, 19)
            .keyExchange("X25519", 1300)
            .call(141, 19)
            .step(Start.PLATEAU, 300);
    for (int at = 0; at < 400; at += 10) {
      starts.reading(at, at / 2, at / 4, 1);
      starts.sample(at, "runtime.main", "runtime.doInit1", "main.init", "main.build");
    }
    for (int i = 0; i < 80; i++) {
      starts.call(200 + 5 * i, 2);
    }
    return starts.build();
  }

  private String opened(String file, String scheme) throws IOException, InterruptedException {
    return Chromium.opened(folder.resolve(file), scheme);
  }
}
