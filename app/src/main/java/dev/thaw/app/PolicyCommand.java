package dev.thaw.app;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.PolicyReading;
import dev.thaw.config.PolicyWriter;
import dev.thaw.config.Problem;
import dev.thaw.config.WarmupPolicy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
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
      PolicyReading reading = read(file);
      TlsFiles.Found named = TlsFiles.check(reading.files(), Instant.now());
      Stream.concat(reading.problems().stream(), named.problems().stream()).forEach(err::println);
      named.warnings().forEach(err::println);
      if (reading.problems().isEmpty() && named.problems().isEmpty()) {
        out.println(file + ": valid");
      } else {
        bad = true;
      }
    }
    return bad ? Main.USAGE : 0;
  }

  @Command(
      name = "show",
      description = "Prints the policy with every default filled in.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "FILE", description = "A policy in YAML.") Path file) {
    PolicyReading reading = read(file);
    spec.commandLine()
        .getOut()
        .print(PolicyWriter.write(refuse(reading.problems().stream(), reading)));
    spec.commandLine().getOut().flush();
    return 0;
  }

  /**
   * A policy that can be run; what an operator should know of its files goes to {@code warned}.
   *
   * @throws Refusal naming every problem
   */
  static WarmupPolicy load(Path file, Consumer<String> warned) {
    PolicyReading reading = read(file);
    TlsFiles.Found files = TlsFiles.check(reading.files(), Instant.now());
    files.warnings().forEach(warned);
    return refuse(Stream.concat(reading.problems().stream(), files.problems().stream()), reading);
  }

  private static WarmupPolicy refuse(Stream<Problem> problems, PolicyReading reading) {
    List<String> all = problems.map(Problem::toString).toList();
    return reading
        .policy()
        .filter(policy -> all.isEmpty())
        .orElseThrow(() -> Refusal.usage("the policy cannot be used:\n" + String.join("\n", all)));
  }

  private static PolicyReading read(Path file) {
    try {
      return PolicyReader.read(Files.readString(file), file);
    } catch (NoSuchFileException e) {
      throw Refusal.usage(file + ": there is no such file");
    } catch (CharacterCodingException e) {
      throw Refusal.usage(file + ": is no text in UTF-8");
    } catch (IOException e) {
      throw Refusal.usage(file + ": cannot be read (" + e.getMessage() + ")");
    }
  }
}
