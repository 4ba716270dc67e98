package dev.thaw.node;

import java.nio.file.Path;

/** Where an Envoy is, fetched on first use by {@code scripts/envoy}. */
final class EnvoyBinary {
  private EnvoyBinary() {}

  static String path() throws Exception {
    Path script = Path.of("..", "scripts", "envoy").toAbsolutePath().normalize();
    Process process =
        new ProcessBuilder(script.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes()).trim();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(script + " failed");
    }
    return said;
  }
}
