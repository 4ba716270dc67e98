package dev.thaw.app.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The files of a report, in one folder. */
final class ReportFiles {
  static final String JSON = "start.json";
  static final String PAGE = "start.html";
  static final String SPEEDSCOPE = "start.speedscope.json";
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().addModule(new Jdk8Module()).build();

  private ReportFiles() {}

  /** Which of them a report has: without stacks there is nothing for speedscope. */
  static List<String> names(Report report) {
    return report.start().samples().stream().allMatch(Start.Sample::fault)
        ? List.of(PAGE, JSON)
        : List.of(PAGE, JSON, SPEEDSCOPE);
  }

  /** Writes all of them; one of an earlier report that this one lacks is taken away. */
  static void write(Report report, Path folder) throws IOException {
    String json = MAPPER.writeValueAsString(report);
    write(folder.resolve(JSON), json);
    write(folder.resolve(PAGE), Page.of("start", json));
    if (names(report).contains(SPEEDSCOPE)) {
      write(
          folder.resolve(SPEEDSCOPE),
          json(
              Speedscope.of(
                  report.start(),
                  String.join(" ", report.setting().command()),
                  report.setting().samplePeriod())));
    } else {
      Files.deleteIfExists(folder.resolve(SPEEDSCOPE));
    }
  }

  /**
   * Writes a file whole or not at all.
   *
   * @throws FileSystemException with its path
   */
  static void write(Path file, String content) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(beside, content);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // the JDK does not say where
      throw new FileSystemException(file.toString(), null, e.getMessage());
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  static String json(Object value) throws IOException {
    return MAPPER.writeValueAsString(value);
  }

  /** An earlier trace: its figures, and under which conditions they came about. */
  record Baseline(Map<String, List<Long>> measures, JsonNode setting) {
    /** What makes it incomparable with a trace under {@code now}, or empty. */
    Optional<String> differs(Setting now) {
      return difference(
          now,
          Map.ofEntries(
              Map.entry("/millicores", "a CPU limit of"),
              Map.entry("/memoryBytes", "a memory limit (bytes) of"),
              Map.entry("/hertz", "--hertz"),
              Map.entry("/asked/path", "--path"),
              Map.entry("/asked/host", "--host"),
              Map.entry("/asked/port", "--port"),
              Map.entry("/asked/tls", "--tls"),
              Map.entry("/asked/http", "--http"),
              Map.entry("/asked/grpc", "--grpc"),
              Map.entry("/asked/deadlineSeconds", "--deadline"),
              Map.entry("/asked/requests", "--requests")));
    }

    /** What may make a difference that is not the build's, or empty. */
    Optional<String> doubt(Setting now) {
      return difference(
          now,
          Map.of(
              "/kernel", "Linux",
              "/cpus", "processors:",
              "/goVersion", "Go version",
              "/gomaxprocs", "GOMAXPROCS",
              "/asked/records", "Go's own recordings"));
    }

    /** All that is different, in the order of their names. */
    private Optional<String> difference(Setting now, Map<String, String> named) {
      JsonNode other = MAPPER.valueToTree(now);
      String all =
          named.keySet().stream()
              .sorted()
              .filter(field -> !words(setting.at(field)).equals(words(other.at(field))))
              .map(
                  field ->
                      "%s %s (this trace: %s)"
                          .formatted(named.get(field), shown(setting, field), shown(other, field)))
              .collect(Collectors.joining(", "));
      return all.isEmpty() ? Optional.empty() : Optional.of("it was made with " + all);
    }

    /** A limit as it was written, which files of earlier traces do not know. */
    private static String shown(JsonNode setting, String field) {
      JsonNode value = setting.at(field);
      return field.equals("/millicores") && value.isInt()
          ? setting.path("cpu").asText(value.asInt() + "m")
          : words(value);
    }

    private static String words(JsonNode value) {
      return value.isNull() || value.isMissingNode() ? "none" : value.asText();
    }
  }

  /**
   * The figures of an earlier trace.
   *
   * @throws IOException when the file is none, or of a later version; its message is for the user
   */
  static Baseline baseline(Path file) throws IOException {
    JsonNode report;
    try {
      report = MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new IOException(
          (Files.exists(file)
              ? file + ": no start.json of thaw trace"
              : file + ": there is no such file"),
          e);
    }
    int version = report.path("version").asInt();
    if (version == Report.VERSION && !report.path("measures").isObject()) {
      throw new IOException(file + ": it has no figures (measures), so it is no start.json");
    } else if (version != Report.VERSION) {
      throw new IOException(
          "%s: version %s (expected: a start.json of version %d)"
              .formatted(file, report.path("version").asText("none"), Report.VERSION));
    }
    var measures = new LinkedHashMap<String, List<Long>>();
    report
        .path("measures")
        .properties()
        .forEach(
            entry -> {
              var values = new ArrayList<Long>();
              entry.getValue().forEach(value -> values.add(value.asLong()));
              measures.put(entry.getKey(), values);
            });
    return new Baseline(measures, report.path("setting"));
  }
}
