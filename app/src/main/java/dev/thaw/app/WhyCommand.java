package dev.thaw.app;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.trace.ServedStart;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code thaw why}: how a pod came to the weight it has. */
@Command(
    name = "why",
    description = "Tells a pod's start and every decision about it, with reasons.",
    mixinStandardHelpOptions = true)
final class WhyCommand implements Callable<Integer> {
  private static final Set<String> HEAD =
      Set.of("event", "pod", "at", "since_exec_ms", Progress.LAST_LINES, Progress.REQUESTED);

  @Spec CommandSpec spec;
  @Mixin AdminClient client;

  @Parameters(paramLabel = "POD", description = "Such as hello-1.")
  String pod;

  @Option(names = "-o", paramLabel = "json", description = "As JSON.")
  GetCommand.@Nullable Output output;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes its start as a page, as thaw trace does, instead.")
  @Nullable Path html;

  @Override
  public Integer call() {
    JsonNode page = client.read("/v1/pods/" + AdminClient.encoded(pod));
    PrintWriter out = spec.commandLine().getOut();
    if (html != null) {
      write(page, html);
    }
    if (output == GetCommand.Output.JSON) {
      out.println(page.toPrettyString());
      return 0;
    } else if (html != null) {
      out.println("its start is drawn in " + html);
      return 0;
    }
    out.printf(
        "%s is %s with %s%% of its share%s%n",
        page.path("name").asText(),
        page.path("state").asText(),
        page.path("weight").asText(),
        page.path("reason").asText("").isEmpty() ? "" : " (" + page.path("reason").asText() + ")");
    if (!page.path("detail").asText("").isEmpty()) {
      out.println("  " + page.path("detail").asText());
    }
    pressure(page.path("pressure"), out);
    out.println("Its start, from exec:");
    timeline(page.path("timeline"), out);
    out.println("What was decided:");
    page.path("decisions")
        .forEach(
            decision ->
                out.printf(
                    "  %s  #%s  %s%n",
                    decision.path("at").asText(),
                    decision.path("seq").asText(),
                    decision.path("text").asText()));
    out.flush();
    return 0;
  }

  private static void write(JsonNode page, Path file) {
    try {
      ServedStart.write(page, file);
    } catch (IOException e) {
      throw Refusal.now("--html: " + file + " cannot be written: " + FileTrouble.why(e));
    }
  }

  /** What a pressure gate sees; nothing while the node has not told it. */
  private static void pressure(JsonNode pressure, PrintWriter out) {
    if (!pressure.isObject()) {
      return;
    }
    var parts = new ArrayList<String>();
    for (Map.Entry<String, JsonNode> each : pressure.properties()) {
      boolean counted = each.getKey().equals("retransmits");
      parts.add(
          counted
              ? "%.1f segments a second sent again".formatted(each.getValue().asDouble())
              : "%.1f%% of the time waiting for %s"
                  .formatted(100 * each.getValue().asDouble(), each.getKey()));
    }
    out.println("Pressure since its last rung: " + String.join(", ", parts));
  }

  /** Of execs in a row, such as a wrapper's, only the last counts. */
  private static void timeline(JsonNode events, PrintWriter out) {
    int wrappers = 0;
    for (int i = 0; i < events.size(); i++) {
      boolean exec = events.get(i).path("event").asText().equals("exec");
      if (exec
          && i + 1 < events.size()
          && events.get(i + 1).path("event").asText().equals("exec")) {
        wrappers++;
        continue;
      }
      out.println("  " + line(events.get(i)) + (exec && wrappers > 0 ? wrapped(wrappers) : ""));
      events
          .get(i)
          .path(Progress.LAST_LINES)
          .forEach(said -> out.println("      | " + said.asText()));
      wrappers = 0;
    }
  }

  private static String wrapped(int execs) {
    return " (after " + execs + (execs == 1 ? " exec" : " execs") + " of wrappers)";
  }

  static String line(JsonNode event) {
    String since =
        event.path("since_exec_ms").isNumber()
            ? String.format(Locale.ROOT, "%+10.3f s", event.path("since_exec_ms").asDouble() / 1e3)
            : " ".repeat(12);
    var fields = new StringBuilder();
    for (Map.Entry<String, JsonNode> field : event.properties()) {
      if (!HEAD.contains(field.getKey()) && !field.getValue().isNull()) {
        fields.append(' ').append(field.getKey()).append('=').append(value(field.getValue()));
      }
    }
    String how = event.path(Progress.REQUESTED).asBoolean() ? Progress.ON_REQUEST : "";
    return since + "  " + event.path("event").asText() + how + fields;
  }

  /** As people read it: a fraction by its hundredths, several values by commas. */
  private static String value(JsonNode value) {
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(WhyCommand::value)
          .collect(Collectors.joining(","));
    }
    return value.isFloatingPointNumber()
        ? BigDecimal.valueOf(value.asDouble())
            .setScale(2, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString()
        : value.asText();
  }
}
