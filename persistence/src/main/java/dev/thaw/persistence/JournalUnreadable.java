package dev.thaw.persistence;

/**
 * A journal that cannot be used as it lies there. Its message is one sentence or two for a person:
 * what is wrong, with which file, and what to do. Nothing was changed or removed.
 */
public final class JournalUnreadable extends RuntimeException {

  JournalUnreadable(String message) {
    super(message);
  }

  JournalUnreadable(String message, Throwable cause) {
    super(message, cause);
  }
}
