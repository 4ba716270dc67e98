package dev.thaw.config;

/** An IP literal (v4 or v6, no brackets) and a TCP port, 1 to 65535. */
public record Endpoint(String host, int port) {
  public Endpoint {
    if (host.isBlank() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "endpoint " + host + " port " + port + " (expected: an IP address, 1 to 65535)");
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
  }
}
