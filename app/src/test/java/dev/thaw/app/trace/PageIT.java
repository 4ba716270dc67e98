package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in a real browser, in both colour schemes; nothing is loaded from anywhere. */
class PageIT {
  private static final Pattern DRAWN = Pattern.compile("<html[^>]*data-drawn=\"(\\d+)\"");
  private static final int LONGEST_SECONDS = 60;

  @TempDir Path folder;

  @BeforeEach
  void needsChromium() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String each : path.split(":")) {
      if (Files.isExecutable(Path.of(each, "chromium"))) {
        return;
      }
    }
    String why = "chromium is not installed: scripts/setup";
    if ("1".equals(System.getenv("THAW_REQUIRE_BPF"))) {
      fail(why);
    }
    abort(why);
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
                Map.of(Measures.LISTEN, List.of(1L, 2L)),
                Map.of(Measures.LISTEN, List.of(3L, 4L))));
    ReportFiles.write(report, folder);

    String page = opened("start.html", scheme);

    assertThat(page).contains("data-theme=\"" + scheme + "\"").doesNotContain("data-failed");
    // waterfall, heat map, flame chart, four of resources, requests, one histogram
    assertThat(charts(page)).isEqualTo(9);
    assertThat(page)
        .contains("init of main")
        .contains("Against the baseline")
        .contains("All starts");
  }

  @Test
  void aStartOfWhichLittleWasSeenStillHasAPage() throws Exception {
    Start start = new Starts().step("exec", 0).step(Start.LISTEN, 5).build();
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of()), folder);

    String page = opened("start.html", "light");

    assertThat(page).doesNotContain("data-failed");
    assertThat(charts(page)).isEqualTo(1);
  }

  @Test
  void textsOfTheProgramCannotBecomeMarkup() throws Exception {
    Start start =
        new Starts()
            .step("exec", 0)
            .step(Start.LISTEN, 5)
            .sample(1, "</script><b id=\"x\">")
            .build();
    ReportFiles.write(
        Report.of(Starts.setting(OptionalInt.empty()), List.of(start), List.of()), folder);

    assertThat(opened("start.html", "light"))
        .doesNotContain("data-failed")
        .doesNotContain("<b id=\"x\"");
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
                Report.VERSION, Starts.setting(OptionalInt.empty()), 2, Grid.of(cells)));
    Files.writeString(folder.resolve("experiment.html"), Page.of("experiment", json));

    String page = opened("experiment.html", scheme);

    assertThat(page).doesNotContain("data-failed").contains("for want of memory");
    assertThat(charts(page)).isEqualTo(2);
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

  private static int charts(String page) {
    Matcher drawn = DRAWN.matcher(page);
    assertThat(drawn.find())
        .as("the script came to its end: %s", page.lines().limit(3).toList())
        .isTrue();
    return Integer.parseInt(drawn.group(1));
  }

  /** The page as the browser has it once its script has run. */
  private String opened(String file, String scheme) throws IOException, InterruptedException {
    Path errors = folder.resolve("chromium.err");
    Process chromium =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1),
                "--user-data-dir=" + folder.resolve("profile"),
                "--dump-dom",
                folder.resolve(file).toUri().toString())
            .redirectError(errors.toFile())
            .start();
    String page = new String(chromium.getInputStream().readAllBytes());
    if (!chromium.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      chromium.destroyForcibly();
      throw new AssertionError("chromium did not end: " + Files.readString(errors));
    }
    return page;
  }
}
