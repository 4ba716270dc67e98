package dev.thaw.app;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real browser without a screen, for pages of ours; it loads nothing from anywhere. */
public final class Chromium {
  private static final Pattern DRAWN = Pattern.compile("<html[^>]*data-drawn=\"(\\d+)\"");
  private static final Pattern SCRIPT = Pattern.compile("(?s)<script\\b.*?</script>");
  private static final int LONGEST_SECONDS = 60;

  private Chromium() {}

  /** Skips the test where there is none, or fails where nothing may be skipped. */
  public static void needed() {
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

  /** How many charts the page's script has drawn by its end. */
  public static int charts(String page) {
    Matcher drawn = DRAWN.matcher(page);
    if (!drawn.find()) {
      throw new AssertionError("the script came to no end: " + page.lines().limit(3).toList());
    }
    return Integer.parseInt(drawn.group(1));
  }

  /**
   * The page as the browser has it once its script has run, and without scripts and their data:
   * what these hold would be found there whether it is shown or not.
   *
   * @param scheme light or dark
   */
  public static String opened(Path page, String scheme) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(page.toAbsolutePath().getParent(), "chromium");
    Path errors = folder.resolve("chromium.err");
    Process chromium =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1300,900", // wide enough for charts beside each other
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1),
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=1000", // scripts that wait for a frame get it
                "--dump-dom",
                page.toUri().toString())
            .redirectError(errors.toFile())
            .start();
    String dom = new String(chromium.getInputStream().readAllBytes());
    if (!chromium.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      chromium.destroyForcibly();
      throw new AssertionError("chromium did not end: " + Files.readString(errors));
    }
    return SCRIPT.matcher(dom).replaceAll("");
  }
}
