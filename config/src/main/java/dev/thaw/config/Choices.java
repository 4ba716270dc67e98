package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.AppProtocol;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Protocol;
import dev.thaw.config.WarmupPolicy.TlsUse;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How choices are written in a policy, in the order in which people are told them; reader and
 * writer share these.
 */
final class Choices {

  static final Map<String, Mode> MODES = words(Mode.values(), "observe", "gate", "ramp");
  static final Map<String, ProbeKind> PROBE_KINDS =
      words(ProbeKind.values(), "httpGet", "tcpSocket", "ping", "grpc");
  static final Map<String, AppProtocol> APP_PROTOCOLS =
      words(AppProtocol.values(), "kubernetes.io/h2c", "grpc", "http", "https");
  static final Map<String, Protocol> PROTOCOLS = words(Protocol.values(), "auto", "HTTP2", "HTTP1");
  static final Map<String, TlsUse> TLS_USES = words(TlsUse.values(), "auto", "true", "false");
  static final Map<String, Pressure> PRESSURES =
      words(Pressure.values(), "memory", "cpu", "io", "retransmits");
  static final Map<String, Boolean> YES_OR_NO = words(new Boolean[] {true, false}, "true", "false");
  static final Map<String, Boolean> ENDS_ON_PLATEAU =
      words(new Boolean[] {false, true}, "count", "plateau");
  static final Map<String, String> METHODS =
      named("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");
  static final Map<String, String> PRESETS =
      words(new String[] {"quick.yaml", "reference.yaml"}, "quick", "reference");

  private Choices() {}

  /** The word for a value; every value has one. */
  static <T> String word(Map<String, T> choices, T value) {
    return choices.entrySet().stream()
        .filter(choice -> choice.getValue().equals(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no word for " + value));
  }

  private static Map<String, String> named(String... words) {
    return words(words, words);
  }

  /** A word for each value, in the values' order: an enum that grows must be given one more. */
  static <T> Map<String, T> words(T[] values, String... words) {
    if (values.length != words.length) {
      throw new IllegalArgumentException(
          "%d words for %s".formatted(words.length, List.of(values)));
    }
    var choices = new LinkedHashMap<String, T>();
    for (int i = 0; i < words.length; i++) {
      choices.put(words[i], values[i]);
    }
    return Collections.unmodifiableMap(choices);
  }
}
