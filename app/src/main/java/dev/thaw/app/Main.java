package dev.thaw.app;

import dev.thaw.app.demo.DemoCommand;
import dev.thaw.app.trace.ExperimentCommand;
import dev.thaw.app.trace.TraceCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line. Exit codes: 0 done, 1 refused or failed, 2 wrong usage or a bad policy, 5
 * slower than the baseline; those of {@code preflight} are its verdicts.
 */
@Command(
    name = "thaw",
    description = "Takes cold processes to full traffic without hurting anyone.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      PreflightCommand.class,
      PolicyCommand.class,
      GetCommand.class,
      WhyCommand.class,
      ScaleCommand.class,
      RestartCommand.class,
      VerbCommand.Pause.class,
      VerbCommand.Resume.class,
      VerbCommand.Promote.class,
      VerbCommand.Abort.class,
      VerbCommand.Retry.class,
      LogsCommand.class,
      TraceCommand.class,
      ExperimentCommand.class,
      DemoCommand.class,
      VersionCommand.class
    })
public final class Main {
  static final int REFUSED = 1;
  static final int USAGE = 2;

  public static void main(String[] args) {
    System.exit(run(commandLine(), args));
  }

  /** Who reads what was said, or goes by the exit code, is not to miss that it was cut short. */
  static int run(CommandLine line, String... args) {
    int code = line.execute(args);
    boolean cutShort = line.getOut().checkError();
    // the one writes through the other, which keeps quiet about it
    if (cutShort || (System.out.checkError() && !readerLeft())) {
      line.getErr().println("thaw: its output could not be written: is the disk full?");
      return REFUSED;
    }
    return code;
  }

  /** Whoever reads a pipe may have had enough, as {@code head} has; nothing is full then. */
  private static boolean readerLeft() {
    try {
      String out = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return out.startsWith("pipe:") || out.startsWith("socket:");
    } catch (IOException e) {
      return false;
    }
  }

  /** The parser with its exit codes; what a command throws ends as one sentence. */
  static CommandLine commandLine() {
    var line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExpandAtFiles(false); // what stands behind -- is the command's own
    line.setParameterExceptionHandler(new WrongWords());
    line.setExecutionExceptionHandler(
        (thrown, failed, parsed) -> {
          PrintWriter err = failed.getErr();
          if (thrown instanceof Refusal refusal) {
            err.println("thaw: " + refusal.getMessage());
            return refusal.exitCode();
          }
          err.println("thaw: unexpected: " + thrown);
          return REFUSED;
        });
    return line;
  }

  private Main() {}
}
