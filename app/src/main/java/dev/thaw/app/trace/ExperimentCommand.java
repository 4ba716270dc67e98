package dev.thaw.app.trace;

import dev.thaw.app.CpuLimit;
import dev.thaw.app.FileTrouble;
import dev.thaw.app.Refusal;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.MemoryGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code thaw experiment}: the same start under a grid of limits. */
@Command(
    name = "experiment",
    description = {
      "Starts a command cold under every combination of CPU and memory limits and says what its start is most sensitive to.",
      "",
      "Exit codes: 0 done; 1 no start answered at all; 130 interrupted."
    },
    mixinStandardHelpOptions = true,
    customSynopsis = "thaw experiment --cpu 100m,400m --memory 512Mi,2Gi [OPTIONS] -- COMMAND...")
public final class ExperimentCommand implements Callable<Integer> {
  private static final int MOST_RUNS = 200;
  private static final int MOST_CELLS = 25;

  @Spec CommandSpec spec;
  @Mixin TraceOptions options = new TraceOptions();

  @Option(
      names = "--cpu",
      paramLabel = "CPU",
      split = ",",
      converter = CpuLimit.Reader.class,
      description = "CPU limits, such as 100m,400m (default: none).")
  List<CpuLimit> cpus = List.of();

  @Option(
      names = "--memory",
      paramLabel = "BYTES",
      split = ",",
      converter = Memory.class,
      description = "Memory limits, such as 512Mi,2Gi (default: none).")
  List<MemorySize> memories = List.of();

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Starts in each cell (default: ${DEFAULT-VALUE}).")
  int runs = 10;

  /** An amount of memory. */
  static final class Memory implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String word) {
      try {
        return MemorySize.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** A cell that is being filled. */
  private record Place(Optional<CpuLimit> cpu, Optional<MemorySize> memory, List<Grid.Run> runs) {
    String cpuName() {
      return cpu.map(CpuLimit::written).orElse("");
    }

    String memoryName() {
      return memory.map(MemorySize::written).orElse("");
    }
  }

  /**
   * What {@code experiment.json} holds.
   *
   * @param runs that were asked for in each cell
   * @param interrupted whether they were not all made
   */
  record Result(int version, Setting setting, int runs, boolean interrupted, Grid grid) {}

  @Override
  public Integer call() {
    List<String> resolved = options.resolved();
    List<Place> places = places();
    if (runs < 1 || runs > MOST_RUNS) {
      throw Refusal.usage("--runs: " + runs + " (expected: 1 to " + MOST_RUNS + ")");
    } else if (places.size() > MOST_CELLS) {
      throw Refusal.usage(places.size() + " cells (expected: at most " + MOST_CELLS + ")");
    }
    BpfSupport support = BpfSupport.check(Optional.empty());
    if (!support.limits()) {
      throw Wanting.noLimits("experiment", support);
    } else if (!memories.isEmpty() && MemoryGroup.of("thaw-trace").isEmpty()) {
      throw Refusal.usage("--memory: this machine has no memory controller to limit by");
    }
    options.makeOut();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s in %s of %s%n",
        Words.count((long) runs * places.size(), "start"),
        Words.count(places.size(), "cell"),
        options.echo());
    out.flush();
    options.hertz = 0; // stacks are for explaining one start; here they would only cost
    TraceSettings settings =
        options.settings(
            resolved, Optional.empty(), OptionalLong.empty(), TraceSettings.Records.NEVER);
    var runner = new StartRunner(support, line -> {});
    var interruption = Interruption.of(runner, line -> say(out, line));
    try {
      boolean interrupted =
          interruption.during(() -> fill(places, runner, interruption, settings, out));
      int made = places.stream().mapToInt(place -> place.runs().size()).sum();
      if (made > 0) {
        Grid grid = grid(places);
        tell(grid, out);
        write(
            new Result(
                Report.VERSION,
                options.setting(settings, support).builtWith(TraceOptions.goVersion(settings)),
                runs,
                interrupted,
                grid));
        say(out, "files: experiment.html, experiment.json in " + options.folder());
        if (!interrupted) {
          return grid.cells().stream().allMatch(cell -> cell.values().isEmpty()) ? 1 : 0;
        }
      }
      say(out, made + " of " + Words.count((long) runs * places.size(), "run") + ", interrupted");
      return Interruption.INTERRUPTED;
    } catch (IOException e) {
      throw Refusal.now(FileTrouble.sentence(e));
    } catch (UncheckedIOException e) { // a control group
      throw Refusal.now(FileTrouble.sentence(e));
    }
  }

  /** Of an interrupted experiment, the cells that have a start. */
  private static Grid grid(List<Place> places) {
    return Grid.of(
        places.stream()
            .filter(place -> !place.runs().isEmpty())
            .map(place -> Grid.Cell.of(place.cpuName(), place.memoryName(), place.runs()))
            .toList());
  }

  private void write(Result result) throws IOException {
    String json = ReportFiles.json(result);
    ReportFiles.write(options.out.resolve("experiment.json"), json);
    ReportFiles.write(options.out.resolve("experiment.html"), Page.of("experiment", json));
  }

  /** Smallest limits first; without a list, one cell without that limit. */
  private List<Place> places() {
    List<Optional<CpuLimit>> columns = levels(cpus, CpuLimit::millicores);
    List<Optional<MemorySize>> rows = levels(memories, MemorySize::bytes);
    var places = new ArrayList<Place>();
    for (Optional<MemorySize> memory : rows) {
      for (Optional<CpuLimit> cpu : columns) {
        places.add(new Place(cpu, memory, new ArrayList<>()));
      }
    }
    return places;
  }

  /** What is the same amount in other words is one level. */
  static <T> List<Optional<T>> levels(List<T> limits, ToLongFunction<T> amount) {
    var levels = new TreeMap<Long, T>();
    limits.forEach(limit -> levels.putIfAbsent(amount.applyAsLong(limit), limit));
    return levels.isEmpty()
        ? List.of(Optional.empty())
        : levels.values().stream().map(Optional::of).toList();
  }

  /** In turn over the cells: what changes on the machine meanwhile changes all of them alike. */
  private void fill(
      List<Place> places,
      StartRunner runner,
      Interruption interruption,
      TraceSettings asked,
      PrintWriter out)
      throws IOException, InterruptedException {
    runner.rehearse(asked);
    TraceSettings settings = asked;
    for (int round = 0; round < runs; round++) {
      for (Place place : places) {
        Start start =
            runner.run(
                settings.within(
                    place.cpu(),
                    place
                        .memory()
                        .map(memory -> OptionalLong.of(memory.bytes()))
                        .orElse(OptionalLong.empty())));
        if (interruption.asked()) {
          return;
        }
        OptionalLong first200 = start.at(Start.FIRST_200);
        long until = first200.orElse(Long.MAX_VALUE);
        place
            .runs()
            .add(
                new Grid.Run(
                    first200,
                    Measures.reading(start, until).throttled(),
                    start.end().contains("want of memory")));
        if (start.first().isPresent()) {
          settings = settings.speaking(start.first().get().speech());
        }
      }
      say(out, "round %d of %d done".formatted(round + 1, runs));
    }
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  static void tell(Grid grid, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%n%-8s %-8s %8s  %-42s %-42s %-42s %12s%n",
        "cpu",
        "memory",
        "answered",
        "P50 [interval]",
        "P95",
        "P99",
        "throttled");
    for (Grid.Cell cell : grid.cells()) {
      out.printf(
          Locale.ROOT,
          "%-8s %-8s %8s  %-42s %-42s %-42s %12s%s%n",
          cell.cpu().isEmpty() ? "none" : cell.cpu(),
          cell.memory().isEmpty() ? "none" : cell.memory(),
          cell.values().size() + " of " + cell.starts(),
          words(cell.p50()),
          words(cell.p95()),
          words(cell.p99()),
          Words.millis(cell.throttled()),
          cell.failed() == 0
              ? ""
              : "  " + cell.failed() + " failed, " + cell.killed() + " for want of memory");
    }
    out.printf("%n%s%n%n", grid.sentence());
    out.flush();
  }

  private static String words(Grid.Quantile quantile) {
    if (quantile.low().equals(quantile.high())) { // no start, or one alone, leaves no interval
      return words(quantile.value());
    }
    return "%s [%s, %s]%s"
        .formatted(
            words(quantile.value()),
            words(quantile.low()),
            words(quantile.high()),
            quantile.confidence() < 0.95
                ? " (%.0f %% sure)".formatted(100 * quantile.confidence())
                : "");
  }

  private static String words(OptionalLong time) {
    return time.isPresent() ? Words.millis(time.getAsLong()) : "no answer";
  }
}
