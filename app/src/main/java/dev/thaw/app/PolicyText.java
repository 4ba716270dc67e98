package dev.thaw.app;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.PolicyReading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a policy's file, whatever it is: a folder, a device without end, no text. Blocking. */
final class PolicyText {
  /** A character is no longer than this in UTF-8. */
  private static final int LARGEST_BYTES = 4 * PolicyReader.LARGEST;

  private PolicyText() {}

  /**
   * Reads the policy.
   *
   * @throws Refusal when there is no text in this file, saying why
   */
  static PolicyReading read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
      if (bytes.length > LARGEST_BYTES) {
        throw refused(file, "more than %d bytes".formatted(LARGEST_BYTES));
      }
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return PolicyReader.read(text, file);
    } catch (IOException e) {
      throw refused(file, FileTrouble.why(e));
    }
  }

  private static Refusal refused(Path file, String why) {
    return Refusal.usage(
        "%s: cannot be read as a policy: %s (accepted: a file of YAML in UTF-8, at most %d characters)"
            .formatted(file, why, PolicyReader.LARGEST));
  }
}
