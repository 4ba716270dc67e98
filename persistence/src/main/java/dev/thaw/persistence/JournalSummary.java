package dev.thaw.persistence;

import java.util.List;

/**
 * What a journal holds.
 *
 * @param events how many events, of all persistence ids
 * @param persistenceIds who wrote them, sorted
 */
public record JournalSummary(long events, List<String> persistenceIds) {
  public JournalSummary {
    persistenceIds = List.copyOf(persistenceIds);
  }
}
