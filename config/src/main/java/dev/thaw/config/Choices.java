package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.AppProtocol;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Protocol;
import dev.thaw.config.WarmupPolicy.TlsUse;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How enums are written in a policy; reader and writer share these. */
final class Choices {

  static final Map<String, Mode> MODES =
      inOrder(
          Map.entry("observe", Mode.OBSERVE),
          Map.entry("gate", Mode.GATE),
          Map.entry("ramp", Mode.RAMP));
  static final Map<String, ProbeKind> PROBE_KINDS =
      inOrder(
          Map.entry("httpGet", ProbeKind.HTTP_GET),
          Map.entry("tcpSocket", ProbeKind.TCP_CONNECT),
          Map.entry("ping", ProbeKind.HTTP2_PING),
          Map.entry("grpc", ProbeKind.GRPC));
  static final Map<String, AppProtocol> APP_PROTOCOLS =
      inOrder(
          Map.entry("kubernetes.io/h2c", AppProtocol.H2C),
          Map.entry("grpc", AppProtocol.GRPC),
          Map.entry("http", AppProtocol.HTTP),
          Map.entry("https", AppProtocol.HTTPS));
  static final Map<String, Boolean> ENDS =
      inOrder(Map.entry("count", false), Map.entry("plateau", true));
  static final Map<String, Boolean> YES_OR_NO =
      inOrder(Map.entry("true", true), Map.entry("false", false));
  static final Map<String, Protocol> PROTOCOLS =
      inOrder(
          Map.entry("auto", Protocol.AUTO),
          Map.entry("HTTP2", Protocol.HTTP2),
          Map.entry("HTTP1", Protocol.HTTP1));
  static final Map<String, TlsUse> TLS_USES =
      inOrder(
          Map.entry("auto", TlsUse.AUTO),
          Map.entry("true", TlsUse.TRUE),
          Map.entry("false", TlsUse.FALSE));
  static final Map<String, Pressure> PRESSURES =
      inOrder(
          Map.entry("memory", Pressure.MEMORY),
          Map.entry("cpu", Pressure.CPU),
          Map.entry("io", Pressure.IO),
          Map.entry("retransmits", Pressure.RETRANSMITS));
  static final Map<String, String> METHODS =
      inOrder(
          Map.entry("GET", "GET"),
          Map.entry("HEAD", "HEAD"),
          Map.entry("OPTIONS", "OPTIONS"),
          Map.entry("POST", "POST"),
          Map.entry("PUT", "PUT"),
          Map.entry("PATCH", "PATCH"),
          Map.entry("DELETE", "DELETE"));
  static final Map<String, String> PRESETS =
      inOrder(Map.entry("quick", "quick.yaml"), Map.entry("reference", "reference.yaml"));

  private Choices() {}

  /** The word for a value; every value has one. */
  static <T> String word(Map<String, T> choices, T value) {
    return choices.entrySet().stream()
        .filter(choice -> choice.getValue().equals(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no word for " + value));
  }

  @SafeVarargs
  private static <T> Map<String, T> inOrder(Map.Entry<String, T>... choices) {
    Map<String, T> ordered = new LinkedHashMap<>();
    for (Map.Entry<String, T> choice : choices) {
      ordered.put(choice.getKey(), choice.getValue());
    }
    return Collections.unmodifiableMap(ordered);
  }
}
