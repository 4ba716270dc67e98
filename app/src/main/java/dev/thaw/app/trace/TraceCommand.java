package dev.thaw.app.trace;

import dev.thaw.app.CommandPath;
import dev.thaw.app.Refusal;
import dev.thaw.app.trace.client.Rehearsal;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.config.Millicores;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code thaw trace}: one cold start of a command, or several, explained. */
@Command(
    name = "trace",
    description = {
      "Starts a command cold, calls it until it is warm, ends it, and explains where the time went.",
      "",
      "Exit codes: 0 traced, and not slower than the baseline; 1 it never served; 5 slower than the baseline."
    },
    mixinStandardHelpOptions = true,
    customSynopsis = "thaw trace [OPTIONS] -- COMMAND...")
public final class TraceCommand implements Callable<Integer> {
  static final int SLOWER = 5;
  private static final int MOST_RUNS = 200;

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
      converter = Cpu.class,
      description = "CPU limit, such as 300m (default: none).")
  @Nullable Millicores cpu;

  /** An amount of CPU. */
  static final class Cpu implements ITypeConverter<Millicores> {
    @Override
    public Millicores convert(String word) {
      try {
        return Millicores.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    options
        .problem()
        .ifPresent(
            problem -> {
              throw Refusal.usage(problem);
            });
    if (repeat < 1 || repeat > MOST_RUNS) {
      throw Refusal.usage("--repeat: " + repeat + " (expected: 1 to " + MOST_RUNS + ")");
    }
    PrintWriter out = spec.commandLine().getOut();
    List<String> resolved =
        CommandPath.resolve(
            options.command, Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin"));
    say(out, "tracing " + String.join(" ", options.command) + " into " + options.out + "/");
    Map<String, List<Long>> before = earlier();
    BpfSupport support = BpfSupport.check(Optional.empty());
    if (cpu != null && !support.limits()) {
      throw Refusal.usage("--cpu: " + String.join("; ", support.missing()));
    }
    support.missing().forEach(line -> say(out, "off: " + line));
    TraceSettings settings =
        options.settings(resolved, TraceOptions.millicores(cpu), OptionalLong.empty(), repeat == 1);
    try {
      Files.createDirectories(options.out);
      Rehearsal.run(!options.tls.equals("off"));
      List<Start> starts = runs(settings, support, out);
      Setting setting = options.setting(settings, support);
      List<Comparison.Row> comparison =
          before.isEmpty() ? List.of() : Comparison.of(before, Measures.over(starts));
      Report report = Report.of(setting, starts, comparison);
      ReportFiles.write(report, options.out);
      tell(report, starts.size(), out);
      return verdict(report);
    } catch (IOException e) {
      throw Refusal.now(String.valueOf(e.getMessage()));
    }
  }

  private Map<String, List<Long>> earlier() {
    if (baseline == null) {
      return Map.of();
    }
    try {
      Map<String, List<Long>> measures = ReportFiles.measures(baseline);
      int runs = measures.getOrDefault(Measures.LISTEN, List.of()).size();
      if (Comparison.tooFew(runs, repeat)) {
        throw Refusal.usage(
            "--baseline: %d starts against %d cannot show a difference, however clear; make 4 or more of each by --repeat"
                .formatted(repeat, runs));
      }
      return measures;
    } catch (IOException e) {
      throw Refusal.usage("--baseline: " + e.getMessage());
    }
  }

  private List<Start> runs(TraceSettings asked, BpfSupport support, PrintWriter out)
      throws IOException, InterruptedException {
    var runner = new StartRunner(support);
    runner.rehearse(asked);
    var starts = new ArrayList<Start>();
    TraceSettings settings = asked;
    for (int i = 0; i < repeat; i++) {
      Start start = runner.run(settings);
      starts.add(start);
      say(out, (repeat > 1 ? "start %d of %d: ".formatted(i + 1, repeat) : "") + summary(start));
      if (start.first().isPresent()) { // what the first one had to find out, the others know
        settings = settings.speaking(start.first().get().tlsFacts().isPresent());
      }
    }
    return starts;
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
    report.comparison().stream()
        .filter(row -> row.decides() || row.slower())
        .forEach(row -> out.println("- against the baseline: " + row.sentence()));
    out.println();
    out.println(
        "files: %s, %s, %s in %s"
            .formatted(ReportFiles.PAGE, ReportFiles.JSON, ReportFiles.SPEEDSCOPE, options.out));
    out.flush();
  }

  private static int verdict(Report report) {
    if (report.start().at(Start.FIRST_200).isEmpty()) {
      return 1;
    }
    return report.comparison().stream().anyMatch(row -> row.decides() && row.slower()) ? SLOWER : 0;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
