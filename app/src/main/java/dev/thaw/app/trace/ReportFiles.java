package dev.thaw.app.trace;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a report, in one folder. */
final class ReportFiles {
  static final String JSON = "start.json";
  static final String PAGE = "start.html";
  static final String SPEEDSCOPE = "start.speedscope.json";
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().addModule(new Jdk8Module()).build();

  private ReportFiles() {}

  /** Writes all of them. */
  static void write(Report report, Path folder) throws IOException {
    String json = MAPPER.writeValueAsString(report);
    Files.writeString(folder.resolve(JSON), json);
    Files.writeString(folder.resolve(PAGE), Page.of("start", json));
    MAPPER.writeValue(
        folder.resolve(SPEEDSCOPE).toFile(),
        Speedscope.of(
            report.start(),
            String.join(" ", report.setting().command()),
            report.setting().samplePeriod()));
  }

  static String json(Object value) throws IOException {
    return MAPPER.writeValueAsString(value);
  }

  /**
   * The figures of an earlier trace.
   *
   * @throws IOException when the file is none, or of a later version; its message is for the user
   */
  static Map<String, List<Long>> measures(Path file) throws IOException {
    JsonNode report;
    try {
      report = MAPPER.readTree(file.toFile());
    } catch (IOException e) {
      throw new IOException(file + ": no start.json of thaw trace: " + firstLine(e), e);
    }
    int version = report.path("version").asInt();
    if (version != Report.VERSION || !report.path("measures").isObject()) {
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
    return measures;
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
  }
}
