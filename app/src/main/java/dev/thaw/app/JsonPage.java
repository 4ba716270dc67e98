package dev.thaw.app;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/** One JSON object in a file of a state folder, never seen half written. Blocking. */
final class JsonPage {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 40;

  private final Path file;

  JsonPage(Path file) {
    this.file = file;
  }

  /**
   * Replaces it, beyond a crash of the machine.
   *
   * @throws UncheckedIOException when it cannot; what was there stays
   */
  void write(Map<String, Object> page) {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(page));
        while (bytes.hasRemaining()) {
          channel.write(bytes); // a disk that gets full takes a part
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + FileTrouble.why(e), e);
    }
  }

  /**
   * What it holds; empty when there is no such file.
   *
   * @throws Refusal naming what stands there instead
   */
  Optional<JsonNode> read() {
    try {
      byte[] bytes = Files.readAllBytes(file);
      JsonNode page = JSON.readTree(bytes);
      if (!page.isObject()) {
        throw damaged("", shown(new String(bytes, StandardCharsets.UTF_8)), "a JSON object");
      }
      return Optional.of(page);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw damaged(place(e.getLocation()), "no JSON", "a JSON object");
    } catch (IOException e) {
      throw Refusal.now(
          "%s: cannot be read: %s (accepted: what a run has written there)"
              .formatted(file, FileTrouble.why(e)));
    }
  }

  /** Says that this value is not what a run has written. */
  Refusal damaged(String place, String value, String accepted) {
    return Refusal.now(
        "%s%s: is damaged: %s (accepted: %s); move it away once nothing of its run is alive"
            .formatted(file, place, value, accepted));
  }

  /** A value from anywhere, for one line of a sentence. */
  static String shown(String value) {
    String safe = value.replaceAll("\\p{C}+", " ").strip();
    return '"' + (safe.length() <= LONGEST ? safe : safe.substring(0, LONGEST) + "...") + '"';
  }

  private static String place(JsonLocation where) {
    return ":" + where.getLineNr() + ":" + where.getColumnNr();
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
