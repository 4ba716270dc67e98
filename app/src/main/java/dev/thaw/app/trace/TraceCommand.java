package dev.thaw.app.trace;

import dev.thaw.app.CpuLimit;
import dev.thaw.app.FileTrouble;
import dev.thaw.app.Refusal;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.LastLines;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code thaw trace}: one cold start of a command, or several, explained. */
@Command(
    name = "trace",
    description = {
      "Starts a command cold, calls it until it is warm, ends it, and explains where the time went.",
      "",
      "Exit codes: 0 traced, and not slower than the baseline; 1 it never served, or did not go on serving; 5 slower than the baseline; 130 interrupted."
    },
    mixinStandardHelpOptions = true,
    customSynopsis = "thaw trace [OPTIONS] -- COMMAND...")
public final class TraceCommand implements Callable<Integer> {
  static final int SLOWER = 5;
  private static final int MOST_RUNS = 200;
  private static final int LAST_LINES = 5;

  /** What Go writes because we asked it to. */
  private static final Pattern INIT_TRACE = Pattern.compile("init \\S+ @");

  @Spec CommandSpec spec;
  @Mixin TraceOptions options = new TraceOptions();

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description = "So many starts; the median one is shown (default: ${DEFAULT-VALUE}).")
  int repeat = 1;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "start.json of another build: says what got slower, exit code 5 if anything did.")
  @Nullable Path baseline;

  @Option(
      names = "--cpu",
      paramLabel = "CPU",
      converter = CpuLimit.Reader.class,
      description = "CPU limit, such as 300m (default: none).")
  @Nullable CpuLimit cpu;

  @Override
  public Integer call() {
    List<String> resolved = options.resolved();
    if (repeat < 1 || repeat > MOST_RUNS) {
      throw Refusal.usage("--repeat: " + repeat + " (expected: 1 to " + MOST_RUNS + ")");
    }
    BpfSupport support = BpfSupport.check(Optional.empty());
    if (cpu != null && !support.limits()) {
      throw Wanting.noLimits("--cpu", support);
    }
    TraceSettings settings =
        options.settings(
            resolved,
            Optional.ofNullable(cpu),
            OptionalLong.empty(),
            repeat == 1 ? TraceSettings.Records.WHILE_IT_WARMS : TraceSettings.Records.WHEN_WARM);
    Setting asked = options.setting(settings, support);
    Optional<ReportFiles.Baseline> before = earlier(asked);
    options.makeOut();
    PrintWriter out = spec.commandLine().getOut();
    say(out, "tracing " + options.echo());
    Setting setting = asked.builtWith(TraceOptions.goVersion(settings));
    Wanting.lines(support).forEach(line -> say(out, "off: " + line));
    before
        .flatMap(baseline -> baseline.doubt(setting))
        .ifPresent(how -> say(out, "note: --baseline: " + how));
    var runner = new StartRunner(support, line -> say(out, line));
    var interruption = Interruption.of(runner, line -> say(out, line));
    var starts = new ArrayList<Start>();
    try {
      boolean interrupted =
          interruption.during(() -> run(runner, interruption, settings, starts, out));
      if (!starts.isEmpty()) {
        Report report =
            written(
                setting,
                starts,
                interrupted ? Optional.empty() : before,
                options.out,
                measured -> tell(measured, starts.size(), out));
        tellFiles(report, out);
        if (!interrupted) {
          return verdict(report);
        }
      }
      say(out, starts.size() + " of " + Words.count(repeat, "run") + ", interrupted");
      return Interruption.INTERRUPTED;
    } catch (IOException e) {
      throw Refusal.now(FileTrouble.sentence(e));
    } catch (UncheckedIOException e) { // a control group
      throw Refusal.now(FileTrouble.sentence(e));
    }
  }

  /** Refused before anything is started, where nothing could be compared with it. */
  private Optional<ReportFiles.Baseline> earlier(Setting setting) {
    if (baseline == null) {
      return Optional.empty();
    }
    try {
      ReportFiles.Baseline earlier = ReportFiles.baseline(baseline);
      int runs = earlier.measures().getOrDefault(Measures.LISTEN, List.of()).size();
      if (Comparison.tooFew(runs, repeat)) {
        throw Refusal.usage(
            "--baseline: %s against %d cannot show a difference, however clear; make 4 or more of each by --repeat"
                .formatted(Words.count(repeat, "start"), runs));
      }
      earlier
          .differs(setting)
          .ifPresent(
              how -> {
                throw Refusal.usage("--baseline: " + how + "; only like can be compared with like");
              });
      return Optional.of(earlier);
    } catch (IOException e) {
      throw Refusal.usage("--baseline: " + e.getMessage());
    }
  }

  /**
   * Tells before it writes, and writes before it compares: whatever becomes of the next, what was
   * measured is kept.
   */
  static Report written(
      Setting setting,
      List<Start> starts,
      Optional<ReportFiles.Baseline> before,
      Path folder,
      Consumer<Report> tell)
      throws IOException {
    GoView go = GoView.read(folder, Measures.median(starts));
    Report report = Report.of(setting, starts, List.of(), go);
    tell.accept(report);
    ReportFiles.write(report, folder);
    if (before.isEmpty()) {
      return report;
    }
    Report compared =
        Report.of(setting, starts, Comparison.of(before.get().measures(), report.measures()), go);
    ReportFiles.write(compared, folder);
    return compared;
  }

  private void run(
      StartRunner runner,
      Interruption interruption,
      TraceSettings asked,
      List<Start> starts,
      PrintWriter out)
      throws IOException, InterruptedException {
    runner.rehearse(asked);
    TraceSettings settings = asked;
    for (int i = 0; i < repeat; i++) {
      Start start = runner.run(settings);
      if (interruption.asked()) {
        return;
      }
      starts.add(start);
      say(out, (repeat > 1 ? "start %d of %d: ".formatted(i + 1, repeat) : "") + summary(start));
      if (start.first().isPresent()) { // what the first one had to find out, the others know
        settings = settings.speaking(start.first().get().speech());
      }
    }
  }

  private static String summary(Start start) {
    String listen =
        start.at(Start.LISTEN).isPresent()
            ? "listened after " + Words.millis(start.at(Start.LISTEN).getAsLong())
            : "never listened";
    String ok =
        start.at(Start.FIRST_200).isPresent()
            ? ", first 200 after " + Words.millis(start.at(Start.FIRST_200).getAsLong())
            : "";
    return listen + ok + (start.end().isEmpty() ? "" : " (" + start.end() + ")");
  }

  private void tell(Report report, int runs, PrintWriter out) {
    out.println();
    if (runs > 1) {
      out.println("The median start of " + runs + ":");
    }
    out.print(TextReport.waterfall(report.start()));
    report
        .start()
        .alignment()
        .ifPresent(
            fit ->
                out.printf(
                    "  package times fit the kernel's within %s: %s%n",
                    Words.millis(fit.error()), fit.how()));
    report.start().lost().forEach(line -> out.println("  not seen: " + line));
    out.println();
    report.advice().forEach(item -> out.println("- " + item.sentence()));
    if (report.start().at(Start.FIRST_200).isEmpty() || !report.start().end().isEmpty()) {
      lastWords(log(report), out);
    }
    out.flush();
  }

  private void tellFiles(Report report, PrintWriter out) {
    report.comparison().stream()
        .filter(row -> row.decides() || row.slower())
        .forEach(row -> out.println("- against the baseline: " + row.sentence()));
    out.println();
    var files = new ArrayList<>(ReportFiles.names(report));
    files.add(String.valueOf(log(report).getFileName()));
    out.println("files: " + String.join(", ", files) + " in " + options.folder());
    out.flush();
  }

  /** Both outputs of the start that is shown. */
  private Path log(Report report) {
    return options.out.resolve("command-" + (report.shown() + 1) + ".log");
  }

  private static void lastWords(Path log, PrintWriter out) {
    List<String> lines =
        LastLines.of(log, 0, LAST_LINES, line -> !INIT_TRACE.matcher(line).lookingAt());
    out.println(
        lines.isEmpty()
            ? "- It wrote nothing."
            : "- The last it wrote (" + log.getFileName() + "):");
    lines.forEach(line -> out.println("    " + line));
  }

  private static int verdict(Report report) {
    if (report.start().at(Start.FIRST_200).isEmpty() || Serving.stopped(report.start())) {
      return 1;
    }
    return report.comparison().stream().anyMatch(row -> row.decides() && row.slower()) ? SLOWER : 0;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
