package dev.thaw.app;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** An operator's word about one pod or the whole workload. */
abstract class VerbCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin AdminClient client;

  @Parameters(paramLabel = "POD|WORKLOAD", description = "Such as hello-1 or hello.")
  String name;

  private final String verb;

  private VerbCommand(String verb) {
    this.verb = verb;
  }

  Map<String, Object> options() {
    return Map.of();
  }

  @Override
  public Integer call() {
    boolean whole = client.workload().path("name").asText().equals(name);
    spec.commandLine()
        .getOut()
        .println(client.post(whole ? "workloads" : "pods", name, verb, options()));
    return 0;
  }

  /** {@code thaw pause}. */
  @Command(
      name = "pause",
      description = "Freezes rungs; what fails is still removed.",
      mixinStandardHelpOptions = true)
  static final class Pause extends VerbCommand {
    Pause() {
      super("pause");
    }
  }

  /** {@code thaw resume}. */
  @Command(
      name = "resume",
      description = "Lets paused rungs go on.",
      mixinStandardHelpOptions = true)
  static final class Resume extends VerbCommand {
    Resume() {
      super("resume");
    }
  }

  /** {@code thaw promote}. */
  @Command(
      name = "promote",
      description = "Enters the next rung now.",
      mixinStandardHelpOptions = true)
  static final class Promote extends VerbCommand {
    @Option(names = "--full", description = "Enters the last rung at once.")
    boolean full;

    @Option(names = "--force", description = "Even if the pod is not confirmed.")
    boolean force;

    Promote() {
      super("promote");
    }

    @Override
    Map<String, Object> options() {
      var options = new LinkedHashMap<String, Object>();
      options.put("full", full);
      options.put("force", force);
      return options;
    }
  }

  /** {@code thaw abort}. */
  @Command(
      name = "abort",
      description = "Takes all traffic away until promote or retry.",
      mixinStandardHelpOptions = true)
  static final class Abort extends VerbCommand {
    Abort() {
      super("abort");
    }
  }

  /** {@code thaw retry}. */
  @Command(
      name = "retry",
      description = "Begins the ladder again.",
      mixinStandardHelpOptions = true)
  static final class Retry extends VerbCommand {
    Retry() {
      super("retry");
    }
  }
}
