package dev.thaw.persistence;

import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import org.apache.pekko.stream.javadsl.Source;

/** Reads decisions back for people: what was decided, in order. Never part of a decision. */
public final class JournalReader {

  private static final String KEY = "thaw.persistence.read-journal";

  private final CurrentEventsByPersistenceIdQuery journal;

  private JournalReader(CurrentEventsByPersistenceIdQuery journal) {
    this.journal = journal;
  }

  /**
   * The reader of the journal this system writes to.
   *
   * @throws IllegalStateException if the configuration names none
   */
  public static JournalReader of(ActorSystem<?> system) {
    String plugin = system.settings().config().getString(KEY);
    if (plugin.isEmpty()) {
      throw new IllegalStateException(KEY + " is empty (expected: the id of a read journal)");
    }
    return new JournalReader(
        PersistenceQuery.get(system)
            .getReadJournalFor(CurrentEventsByPersistenceIdQuery.class, plugin));
  }

  /** Every event of one persistence id stored by now, oldest first; then the stream ends. */
  public Source<EventEnvelope, NotUsed> currentEvents(String persistenceId) {
    return journal.currentEventsByPersistenceId(persistenceId, 0, Long.MAX_VALUE);
  }
}
