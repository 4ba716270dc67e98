package dev.thaw.coordinator;

import java.nio.file.Path;

/**
 * What a coordinator is told once, at its start.
 *
 * @param journal the database file; must have been opened by {@code JournalCheck} before
 * @param adminPort on 127.0.0.1; 0: a free one
 * @param token what verbs must carry
 * @param version of this build, for people
 * @param tuning what an operator may change
 */
public record CoordinatorSettings(
    Path journal, int adminPort, String token, String version, Tuning tuning) {
  @Override
  public String toString() {
    return "CoordinatorSettings[journal=" + journal + ", adminPort=" + adminPort + "]";
  }
}
