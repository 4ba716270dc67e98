package dev.thaw.app;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code thaw scale}. */
@Command(
    name = "scale",
    description = "Changes how many replicas there are; new ones climb the ladder.",
    mixinStandardHelpOptions = true,
    customSynopsis = "thaw scale [--state=DIR] [--url=URL] [WORKLOAD] N")
final class ScaleCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin AdminClient client;

  @Parameters(paramLabel = "[WORKLOAD] N", arity = "1..2", description = "How many.")
  List<String> words;

  @Override
  public Integer call() {
    String last = words.get(words.size() - 1);
    int replicas;
    try {
      replicas = Integer.parseInt(last);
    } catch (NumberFormatException e) {
      throw Refusal.usage("replicas: \"" + last + "\" (expected: a whole number)");
    }
    String workload = words.size() == 2 ? words.get(0) : client.workload().path("name").asText();
    spec.commandLine()
        .getOut()
        .println(client.post("workloads", workload, "scale", Map.of("replicas", replicas)));
    return 0;
  }
}
