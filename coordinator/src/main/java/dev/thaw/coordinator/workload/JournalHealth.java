package dev.thaw.coordinator.workload;

import dev.thaw.persistence.JournalTrouble;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Whether decisions can be stored, as the writer has last found it: while they cannot the writer
 * itself answers nobody. Any thread.
 */
public final class JournalHealth {
  private final Path file;
  private final AtomicReference<@Nullable String> trouble = new AtomicReference<>();

  /** Of the journal in this file. */
  public JournalHealth(Path file) {
    this.file = file;
  }

  /** It has failed; a sentence with the reason, if that is news. Blocking. */
  Optional<String> failed() {
    String sentence =
        "the journal %s cannot be used: %s; no weight changes until it can, and what was acknowledged is kept"
            .formatted(file, JournalTrouble.why(file));
    return trouble.getAndSet(sentence) == null ? Optional.of(sentence) : Optional.empty();
  }

  /** It has taken an event; whether that is news. */
  boolean works() {
    return trouble.getAndSet(null) != null;
  }

  /** What is the matter with it now. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble.get());
  }
}
