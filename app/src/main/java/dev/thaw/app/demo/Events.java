package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** What every {@code thaw run --events} of the session has said, in order. Any thread. */
final class Events {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<JsonNode> lines = new CopyOnWriteArrayList<>();
  private final long wallOffsetNanos;

  Events() {
    Instant now = Instant.now();
    this.wallOffsetNanos =
        now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
  }

  /** Takes in one stream until it ends; a kill may cut its last line short. */
  void follow(BufferedReader stream) {
    var reader =
        new Thread(
            () -> {
              try (stream) {
                for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                  add(JSON.readTree(line));
                }
              } catch (IOException e) {
                add(JSON.createObjectNode().put("event", "cut").put("why", e.getMessage()));
              }
            },
            "events");
    reader.setDaemon(true);
    reader.start();
  }

  void add(JsonNode event) {
    lines.add(event);
    synchronized (lines) {
      lines.notifyAll();
    }
  }

  /** How many there have been: where to look from. */
  int now() {
    return lines.size();
  }

  List<JsonNode> since(int index) {
    return List.copyOf(lines.subList(index, lines.size()));
  }

  /**
   * The first one from {@code index} on that matches.
   *
   * @param speaking whether anybody is there to say it
   * @throws IllegalStateException when it does not come
   */
  JsonNode await(
      int index, Predicate<JsonNode> wanted, int seconds, BooleanSupplier speaking, String what)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    int at = index;
    while (true) {
      boolean last = System.nanoTime() >= deadline || !speaking.getAsBoolean();
      for (; at < lines.size(); at++) {
        if (wanted.test(lines.get(at))) {
          return lines.get(at);
        }
      }
      if (last) {
        throw new IllegalStateException(what + " did not come within " + seconds + " s");
      }
      synchronized (lines) {
        lines.wait(200);
      }
    }
  }

  /** CLOCK_MONOTONIC of an event; {@code at} has milliseconds. */
  long nanos(JsonNode event) {
    Instant at = Instant.parse(event.path("at").asText());
    return at.getEpochSecond() * 1_000_000_000L + at.getNano() - wallOffsetNanos;
  }

  static Predicate<JsonNode> is(String kind) {
    return event -> event.path("event").asText().equals(kind);
  }

  static Predicate<JsonNode> is(String kind, String pod) {
    return is(kind).and(event -> event.path("pod").asText().equals(pod));
  }
}
