package dev.thaw.app.trace;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Where and how a command was traced.
 *
 * @param cpus processors of the machine
 * @param millicores CPU limit
 * @param cpu the same as the user wrote it
 * @param goVersion that built the program, such as {@code go1.26.1}
 * @param gomaxprocs as the environment sets it
 * @param hertz stacks a second and processor
 * @param asked how it was called; absent where Thaw did not
 */
record Setting(
    List<String> command,
    String kernel,
    int cpus,
    OptionalInt millicores,
    Optional<String> cpu,
    OptionalLong memoryBytes,
    Optional<String> goVersion,
    OptionalInt gomaxprocs,
    int hertz,
    Optional<Asked> asked) {
  private static final int LEAST_BY_LIMIT = 2;

  /**
   * How the command was called, as the options say it.
   *
   * @param requests at most so many
   * @param records when it was asked for what it records of itself
   */
  record Asked(
      String path,
      String host,
      OptionalInt port,
      String tls,
      String http,
      Optional<String> grpc,
      int deadlineSeconds,
      int requests,
      TraceSettings.Records records) {}

  /** The same of a program that this Go has built. */
  Setting builtWith(Optional<String> version) {
    return new Setting(
        command, kernel, cpus, millicores, cpu, memoryBytes, version, gomaxprocs, hertz, asked);
  }

  /** Go runs so many threads at once; 0 when this is no Go program. */
  int goProcessors() {
    if (goVersion.isEmpty()) {
      return 0;
    } else if (gomaxprocs.isPresent()) {
      return gomaxprocs.getAsInt();
    }
    // since Go 1.25 the limit counts, rounded up, but never less than two
    return goMinor() >= 25 && millicores.isPresent()
        ? Math.min(cpus, Math.max(LEAST_BY_LIMIT, (millicores.getAsInt() + 999) / 1000))
        : cpus;
  }

  private int goMinor() {
    String[] parts = goVersion.orElse("").split("[^0-9]+");
    return parts.length < 3 ? 0 : Integer.parseInt(parts[2]);
  }

  /** Processor time that one stack stands for. */
  long samplePeriod() {
    return hertz == 0 ? 0 : 1_000_000_000L / hertz;
  }
}
