package dev.thaw.app.demo;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.WarmupPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The demo's two policies, which differ in their warm-up requests alone.
 *
 * @param plain without warm-up requests
 * @param warming with them
 */
record Policies(Path plain, Path warming) {
  static final String NAME = "thaw-demo";
  static final String SERVICE = "127.100.0.9:8443";

  private static final String HEAD =
      """
      apiVersion: thaw.dev/v1alpha1
      kind: WarmupPolicy
      metadata: { name: %s }
      spec:
        service: %s
        probe: { httpGet: { path: /healthz } }
        metrics: { scrape: {} }
      """
          .formatted(NAME, SERVICE);
  private static final String WARMUP =
      "  warmup: { requests: [ { path: \"/order?c={n}\" } ], count: 300, connections: 3, timeLimit: 8s }\n";

  /** Short holds; the product's own stand beside them in the report. */
  private static final String LADDER =
      """
        birth:
          floor: 0s
          retryAfter: [5s, 15s, 45s]
          ladder:
            - { weight: 1, hold: 1s }
            - { weight: 5, hold: 3s, minRequests: 10 }
            - { weight: 20, hold: 3s }
            - { weight: 100, hold: 5s }
      """;

  static Policies write(Path folder) throws IOException {
    return new Policies(
        Files.writeString(folder.resolve("policy-plain.yaml"), HEAD + LADDER),
        Files.writeString(folder.resolve("policy-warmup.yaml"), HEAD + WARMUP + LADDER));
  }

  /** The demo's ladder as the product reads it. */
  static WarmupPolicy.Birth ladder() {
    return read(HEAD + LADDER);
  }

  /** What a policy that says nothing of a ladder gets. */
  static WarmupPolicy.Birth shipped() {
    return read(HEAD);
  }

  private static WarmupPolicy.Birth read(String text) {
    return PolicyReader.read(text, Path.of("demo")).policy().orElseThrow().birth();
  }
}
