package dev.thaw.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request of the demo's users.
 *
 * @param intendedNanos CLOCK_MONOTONIC when it was to be sent
 * @param lagMs how much later it was sent
 * @param latencyMs from the intended send time to the end of the answer
 * @param status 0 when there was no answer
 * @param slot the backend the kernel chose; -1 when none
 * @param protocol HTTP's major version of the answer; 0 when there was none
 * @param error why there was none, in the client's words; else empty
 */
record Request(
    long intendedNanos,
    double lagMs,
    double latencyMs,
    int status,
    int slot,
    int protocol,
    String error) {
  private static final double SLOW_MS = 250;

  boolean failed() {
    return status != 200;
  }

  /** When its answer had ended, or its failure was known. */
  long endedNanos() {
    return intendedNanos + (long) (latencyMs * 1e6);
  }

  boolean slow() {
    return latencyMs > SLOW_MS;
  }

  /** The driver's file by intended time; a last line that is being written is left out. */
  static List<Request> read(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(Request::parse)
        .filter(Objects::nonNull)
        .sorted(Comparator.comparingLong(Request::intendedNanos))
        .toList();
  }

  static @Nullable Request parse(String line) {
    String[] fields = line.split(",", 9);
    if (fields.length < 9) {
      return null;
    }
    return new Request(
        Long.parseLong(fields[1]),
        Long.parseLong(fields[2]) / 1e3,
        Long.parseLong(fields[3]) / 1e3,
        Integer.parseInt(fields[4]),
        Integer.parseInt(fields[5]),
        Integer.parseInt(fields[7]),
        fields[8]);
  }
}
