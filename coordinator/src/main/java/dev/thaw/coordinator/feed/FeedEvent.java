package dev.thaw.coordinator.feed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One thing that happened.
 *
 * @param event its kind, such as {@code listen} or {@code rung}
 * @param pod the pod's name; empty when it is about no pod
 * @param at when, for people
 * @param sinceExecMs milliseconds since the pod's last exec before it listened
 * @param fields what else belongs to this kind, in the order shown; null values are allowed
 */
public record FeedEvent(
    String event, String pod, Instant at, OptionalDouble sinceExecMs, Map<String, Object> fields) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  public FeedEvent {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** As people and scripts get it: {@code event}, {@code pod}, {@code at}, then the rest. */
  public Map<String, Object> toMap() {
    var line = new LinkedHashMap<String, Object>();
    line.put("event", event);
    line.put("pod", pod.isEmpty() ? null : pod);
    line.put("at", AT.format(at));
    line.put(
        "since_exec_ms",
        sinceExecMs.isPresent() ? Math.round(sinceExecMs.getAsDouble() * 1e3) / 1e3 : null);
    line.putAll(fields);
    return line;
  }

  /** The event as one line of JSON, without its end of line. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(toMap());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event that is no JSON: " + this, e);
    }
  }
}
