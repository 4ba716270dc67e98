package dev.thaw.app;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code thaw restart}. */
@Command(
    name = "restart",
    description = "Takes a pod's traffic away, ends its process and starts it anew.",
    mixinStandardHelpOptions = true)
final class RestartCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin AdminClient client;

  @Parameters(paramLabel = "POD", description = "Such as hello-1.")
  String pod;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(client.post("pods", pod, "restart", Map.of()));
    return 0;
  }
}
