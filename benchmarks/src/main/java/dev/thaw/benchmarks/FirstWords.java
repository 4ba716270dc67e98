package dev.thaw.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How soon {@code thaw trace} says its first line, as root and as a user without any rights. */
final class FirstWords {
  private static final int RUNS = 10;
  private static final double BOUND_MILLIS = 2_000;
  private static final List<String> NOBODY =
      List.of(
          "setpriv",
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "--bounding-set=-all",
          "--inh-caps=-all");

  private FirstWords() {}

  static List<Figure> ofTrace(Bench bench) throws IOException, InterruptedException {
    return List.of(
        figure(bench, "first-line", "thaw trace to its first line, as root", List.of()),
        figure(bench, "first-line-user", "the same as a plain user", NOBODY));
  }

  private static Figure figure(Bench bench, String name, String what, List<String> before)
      throws IOException, InterruptedException {
    Path folder =
        Files.createTempDirectory(
            name,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    var millis = new ArrayList<Double>();
    for (int i = 0; i < RUNS; i++) {
      var command = new ArrayList<>(before);
      command.addAll(
          List.of(
              bench.launcher().toString(),
              "trace",
              "--out",
              folder.resolve("run-" + i).toString(),
              "--",
              "/bin/true"));
      long began = System.nanoTime();
      Process process = bench.own(new ProcessBuilder(command).redirectErrorStream(true).start());
      try (var lines = process.inputReader()) {
        String line = lines.readLine();
        if (line == null || !line.startsWith("tracing ")) {
          throw new IllegalStateException("its first line is: " + line);
        }
        millis.add((System.nanoTime() - began) / 1e6);
        lines.lines().forEach(rest -> {});
      }
      process.waitFor(60, TimeUnit.SECONDS);
    }
    return Figure.shown(name, what, "ms", Spread.of(millis).summary())
        .bound(Figure.Statistic.MAX, BOUND_MILLIS);
  }
}
