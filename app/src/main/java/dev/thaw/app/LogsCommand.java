package dev.thaw.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code thaw logs}: what a pod's process has printed. */
@Command(
    name = "logs",
    description = "Prints what a pod's process has written to its output.",
    mixinStandardHelpOptions = true)
final class LogsCommand implements Callable<Integer> {
  private static final int LOOK_MILLIS = 200;

  @Mixin AdminClient client;

  @Parameters(paramLabel = "POD", description = "Such as hello-1.")
  String pod;

  @Option(names = "-f", description = "Goes on with what is written from now on.")
  boolean follow;

  @Override
  public Integer call() throws InterruptedException {
    Path file = client.folder().logs().resolve(pod + ".log").normalize();
    if (!file.startsWith(client.folder().logs()) || !Files.exists(file)) {
      throw Refusal.now("no log of a pod " + pod + " in " + client.folder().logs());
    }
    PrintStream out = System.out;
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(out);
      while (follow && !out.checkError()) {
        Thread.sleep(LOOK_MILLIS); // a file has no event that says it grew
        in.transferTo(out);
        out.flush();
      }
    } catch (IOException e) {
      throw Refusal.now("the log %s cannot be read: %s".formatted(file, FileTrouble.why(e)));
    }
    out.flush();
    return 0;
  }
}
