package dev.thaw.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code thaw get}: who has how much traffic now. */
@Command(
    name = "get",
    description = "Shows the pods: their state, weight wanted and observed, and why.",
    mixinStandardHelpOptions = true)
final class GetCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin AdminClient client;

  @Option(names = "-o", paramLabel = "json", description = "As JSON.")
  @Nullable Output output;

  /** How a page is printed. */
  enum Output {
    JSON
  }

  @Override
  public Integer call() {
    JsonNode workload = client.workload();
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      out.println(workload.toPrettyString());
      return 0;
    }
    out.printf(
        "%s  mode %s  service %s  plane %s  term %s  version %s%s%n",
        workload.path("name").asText(),
        workload.path("mode").asText(),
        workload.path("service").asText(),
        workload.path("plane").asText("?"),
        workload.path("term").asText(),
        workload.path("version").asText(),
        workload.path("paused").asBoolean() ? "  PAUSED" : "");
    workload.path("missing").forEach(line -> out.println("! " + line.asText()));
    out.printf(
        "%-20s %-11s %7s %9s %6s %9s %-22s %s%n",
        "POD", "STATE", "WEIGHT", "OBSERVED", "PASSES", "AGE", "ADDRESS", "WHY");
    workload.path("pods").forEach(pod -> out.println(line(pod)));
    out.flush();
    return 0;
  }

  private static String line(JsonNode pod) {
    String why = (pod.path("reason").asText("") + " " + pod.path("detail").asText("")).strip();
    return String.format(
            Locale.ROOT,
            "%-20s %-11s %6s%% %9s %6s %9s %-22s %s",
            pod.path("name").asText(),
            pod.path("state").asText(),
            pod.path("weight").asText(),
            pod.path("observed_percent").isNull()
                ? "-"
                : Math.round(pod.path("observed_percent").asDouble()) + "%",
            pod.path("passes_needed").isNull()
                ? "-"
                : pod.path("passes_in_row").asText() + "/" + pod.path("passes_needed").asText(),
            pod.path("since_exec_ms").isNull()
                ? "-"
                : String.format(Locale.ROOT, "%.1fs", pod.path("since_exec_ms").asDouble() / 1e3),
            pod.path("address").asText(""),
            why)
        .stripTrailing();
  }
}
