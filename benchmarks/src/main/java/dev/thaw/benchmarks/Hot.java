package dev.thaw.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * The pure parts that run often, or in one go while something waits, by JMH; compiled as under
 * {@code bin/thaw}, by the quick compiler alone. Each call is a sample.
 */
final class Hot {
  private Hot() {}

  static List<Figure> paths(Bench bench) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("dev\\.thaw\\..*Speed\\..*")
            .mode(org.openjdk.jmh.annotations.Mode.SampleTime)
            .timeUnit(TimeUnit.MICROSECONDS)
            .forks(1)
            .jvmArgsAppend("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
            .warmupIterations(2)
            .warmupTime(TimeValue.seconds(1))
            .timeout(TimeValue.seconds(60))
            .measurementIterations(3)
            .measurementTime(TimeValue.seconds(1))
            .verbosity(VerboseMode.SILENT)
            .build();
    var figures = new ArrayList<Figure>();
    for (RunResult run : new Runner(options).run()) {
      Result<?> result = run.getPrimaryResult();
      Statistics seen = result.getStatistics();
      figures.add(
          Figure.shown(
              "hot",
              name(run),
              "us",
              new Spread.Summary(
                  seen.getN(),
                  seen.getMin(),
                  seen.getPercentile(50),
                  seen.getPercentile(95),
                  seen.getPercentile(99),
                  seen.getMax())));
    }
    return figures;
  }

  private static String name(RunResult run) {
    String method = run.getParams().getBenchmark().replaceAll(".*\\.(\\w+)Speed\\.", "$1.");
    var name = new StringBuilder(method);
    for (String key : run.getParams().getParamsKeys()) {
      name.append(' ').append(key).append('=').append(run.getParams().getParam(key));
    }
    return name.toString();
  }
}
