package dev.thaw.app;

import dev.thaw.config.PolicyReading;
import dev.thaw.config.PolicyWriter;
import dev.thaw.config.Problem;
import dev.thaw.config.WarmupPolicy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code thaw policy}: looks at policies without running anything. */
@Command(
    name = "policy",
    description = "Checks and shows policies.",
    mixinStandardHelpOptions = true)
final class PolicyCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new picocli.CommandLine.ParameterException(
        spec.commandLine(), "Missing required subcommand: validate or show");
  }

  @Command(
      name = "validate",
      description = "Names every problem of the files at once; exit code 2 if there is any.",
      mixinStandardHelpOptions = true)
  int validate(
      @Parameters(paramLabel = "FILE", arity = "1..*", description = "A policy in YAML.")
          List<Path> files) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean bad = false;
    for (Path file : files) {
      boolean valid = valid(file, err);
      if (valid) {
        out.println(file + ": valid");
      }
      bad |= !valid;
    }
    return bad ? Main.USAGE : 0;
  }

  private static boolean valid(Path file, PrintWriter err) {
    try {
      PolicyReading reading = PolicyText.read(file);
      TlsFiles.Found named = TlsFiles.check(reading.files(), Instant.now());
      List<Problem> all = all(reading, named);
      all.forEach(err::println);
      named.warnings().forEach(err::println);
      return all.isEmpty();
    } catch (Refusal unreadable) { // the others are looked at all the same
      err.println(unreadable.getMessage());
      return false;
    }
  }

  /** What is wrong with a policy and with the files that it names, in the order of the text. */
  private static List<Problem> all(PolicyReading reading, TlsFiles.Found named) {
    return Stream.concat(reading.problems().stream(), named.problems().stream())
        .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
        .toList();
  }

  @Command(
      name = "show",
      description = "Prints the policy with every default filled in.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "FILE", description = "A policy in YAML.") Path file) {
    PolicyReading reading = PolicyText.read(file);
    spec.commandLine().getOut().print(PolicyWriter.write(refuse(reading.problems(), reading)));
    spec.commandLine().getOut().flush();
    return 0;
  }

  /**
   * A policy that can be run; what an operator should know of its files goes to {@code warned}.
   *
   * @throws Refusal naming every problem
   */
  static WarmupPolicy load(Path file, Consumer<String> warned) {
    PolicyReading reading = PolicyText.read(file);
    TlsFiles.Found files = TlsFiles.check(reading.files(), Instant.now());
    files.warnings().forEach(warned);
    return refuse(all(reading, files), reading);
  }

  private static WarmupPolicy refuse(List<Problem> problems, PolicyReading reading) {
    List<String> all = problems.stream().map(Problem::toString).toList();
    return reading
        .policy()
        .filter(policy -> all.isEmpty())
        .orElseThrow(() -> Refusal.usage("the policy cannot be used:\n" + String.join("\n", all)));
  }
}
