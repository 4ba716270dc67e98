package dev.thaw.app.trace;

import dev.thaw.app.CommandPath;
import dev.thaw.app.CpuLimit;
import dev.thaw.app.FileTrouble;
import dev.thaw.app.Printable;
import dev.thaw.app.Refusal;
import dev.thaw.app.trace.client.Wish;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.StartImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that every command which makes starts has in common. */
final class TraceOptions {

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where files go (default: ${DEFAULT-VALUE}).")
  Path out = Path.of("thaw-trace");

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "The port that counts (default: the first that listens).")
  @Nullable Integer port;

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "What is asked for (default: ${DEFAULT-VALUE}).")
  String path = "/";

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description = "Host named to the server (default: ${DEFAULT-VALUE}).")
  String host = "localhost";

  @Option(
      names = "--tls",
      paramLabel = "on|off|auto",
      description = "TLS (default: auto, found out by the first answer).")
  String tls = "auto";

  @Option(
      names = "--http",
      paramLabel = "1|2|auto",
      description =
          "HTTP/1.1, or HTTP/2 alone (default: auto, TLS agrees on it, without TLS HTTP/1.1 comes first).")
  String http = "auto";

  @Option(
      names = "--grpc",
      paramLabel = "SERVICE/METHOD",
      description =
          "Calls this gRPC method with an empty message, in place of asking for a page (default: "
              + Caller.HEALTH_CHECK
              + " where the server turns out to speak gRPC alone).")
  @Nullable String grpc;

  @Option(
      names = "--deadline",
      paramLabel = "S",
      description = "Seconds for the first 200 (default: ${DEFAULT-VALUE}).")
  int deadline = 60;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "At most so many, plateau or not (default: ${DEFAULT-VALUE}).")
  int requests = 1000;

  @Option(
      names = "--hertz",
      paramLabel = "HZ",
      description = "Stacks a second, 0 for none (default: ${DEFAULT-VALUE}).")
  int hertz = 997;

  @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "What is started, after --.")
  List<String> command = List.of();

  /** What is wrong with them, or empty. */
  private Optional<String> problem() {
    if (port != null && (port < 1 || port > 65_535)) {
      return Optional.of("--port: " + port + " (expected: 1 to 65535)");
    } else if (!List.of("on", "off", "auto").contains(tls)) {
      return Optional.of("--tls: \"" + tls + "\" (expected: on, off or auto)");
    } else if (!List.of("1", "2", "auto").contains(http)) {
      return Optional.of("--http: \"" + http + "\" (expected: 1, 2 or auto)");
    } else if (grpc != null && !grpc.matches("[A-Za-z_][\\w.]*/[A-Za-z_]\\w*")) {
      return Optional.of(
          "--grpc: \"" + grpc + "\" (expected: a method such as " + Caller.HEALTH_CHECK + ")");
    } else if (grpc != null && http.equals("1")) {
      return Optional.of("--grpc: needs HTTP/2 (expected: without --http 1)");
    } else if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      return Optional.of("--path: \"" + path + "\" (expected: a path such as /healthz)");
    } else if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      return Optional.of("--host: \"" + host + "\" (expected: a name such as localhost)");
    } else if (deadline < 1 || deadline > 3600) {
      return Optional.of("--deadline: " + deadline + " (expected: 1 to 3600)");
    } else if (requests < 1 || requests > 100_000) {
      return Optional.of("--requests: " + requests + " (expected: 1 to 100000)");
    } else if (hertz < 0 || hertz > 5_000) {
      return Optional.of("--hertz: " + hertz + " (expected: 0 to 5000)");
    }
    return Optional.empty();
  }

  /**
   * Makes the folder for files.
   *
   * @throws Refusal when there can be none
   */
  void makeOut() {
    try {
      Files.createDirectories(out);
    } catch (FileAlreadyExistsException e) {
      throw Refusal.usage("--out: " + out + " is a file (expected: a folder)");
    } catch (IOException e) {
      throw Refusal.usage("--out: " + out + " cannot be made: " + FileTrouble.why(e));
    }
  }

  /** The command and where its files go, fit for a terminal. */
  String echo() {
    return Printable.of(String.join(" ", command)) + " into " + folder() + "/";
  }

  String folder() {
    return Printable.of(out.toString());
  }

  /** The command with its program's absolute path; refuses what is wrong with the options. */
  List<String> resolved() {
    problem()
        .ifPresent(
            problem -> {
              throw Refusal.usage(problem);
            });
    return CommandPath.resolve(
        command, Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin"));
  }

  TraceSettings settings(
      List<String> resolved,
      Optional<CpuLimit> cpu,
      OptionalLong memory,
      TraceSettings.Records records) {
    return new TraceSettings(
        resolved,
        Map.of(),
        port == null ? OptionalInt.empty() : OptionalInt.of(port),
        wish(),
        path,
        host,
        cpu,
        memory,
        Duration.ofSeconds(deadline),
        hertz,
        requests,
        records,
        out);
  }

  private Wish wish() {
    return new Wish(
        tls.equals("auto") ? Optional.empty() : Optional.of(tls.equals("on")),
        grpc != null
            ? Optional.of(true)
            : http.equals("auto") ? Optional.empty() : Optional.of(http.equals("2")),
        Optional.ofNullable(grpc));
  }

  /** Which Go has built the program, if any; a large one takes a while to look at. */
  static Optional<String> goVersion(TraceSettings settings) {
    return StartImage.read(Path.of(settings.command().get(0))).goVersion();
  }

  /** Where and how, for the report; by which Go is not looked for. */
  Setting setting(TraceSettings settings, BpfSupport support) {
    return new Setting(
        settings.command(),
        System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors(),
        settings.cpu().map(limit -> OptionalInt.of(limit.millicores())).orElse(OptionalInt.empty()),
        settings.cpu().map(CpuLimit::written),
        settings.memoryBytes(),
        Optional.empty(),
        gomaxprocs(),
        support.signals() ? hertz : 0,
        Optional.of(
            new Setting.Asked(
                path,
                host,
                settings.port(),
                tls,
                http,
                Optional.ofNullable(grpc),
                deadline,
                requests,
                settings.records())));
  }

  private static OptionalInt gomaxprocs() {
    String given = System.getenv("GOMAXPROCS");
    return given != null && given.matches("[1-9]\\d{0,4}")
        ? OptionalInt.of(Integer.parseInt(given))
        : OptionalInt.empty();
  }
}
