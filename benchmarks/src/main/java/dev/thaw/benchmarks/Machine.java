package dev.thaw.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What figures were measured on. */
final class Machine {
  private Machine() {}

  /** Facts that figures depend on, by name. */
  static Map<String, Object> facts() throws IOException {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    facts.put("memory_gib", Math.round(memoryKiB() / 1024.0 / 1024.0));
    facts.put("kernel", System.getProperty("os.version"));
    facts.put("arch", System.getProperty("os.arch"));
    facts.put("java", System.getProperty("java.runtime.version"));
    facts.put("load_1m", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    return facts;
  }

  private static long memoryKiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("MemTotal:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
