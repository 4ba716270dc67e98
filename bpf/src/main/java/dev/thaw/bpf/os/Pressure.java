package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Pressure stall information: for how long something waited for a resource. */
public final class Pressure {

  private Pressure() {}

  /** Nanoseconds so far in which some task of the machine waited; empty where nobody counts. */
  public static OptionalLong machine(String resource) {
    return read(Path.of("/proc/pressure", resource));
  }

  static OptionalLong read(Path file) {
    try {
      return parse(Files.readAllLines(file));
    } catch (IOException e) {
      return OptionalLong.empty(); // switched off at boot, or no cgroup2
    }
  }

  /** The line {@code some avg10=… total=MICROSECONDS}. */
  static OptionalLong parse(List<String> lines) {
    for (String line : lines) {
      int total = line.indexOf("total=");
      if (line.startsWith("some ") && total > 0) {
        return OptionalLong.of(Long.parseLong(line.substring(total + 6).strip()) * 1000);
      }
    }
    return OptionalLong.empty();
  }
}
