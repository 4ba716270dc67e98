package dev.thaw.coordinator.workload;

import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.Optional;

/**
 * What follows from one input.
 *
 * @param events to be persisted in one write before anything is performed
 * @param wouldHave in observe mode: what a ladder would have decided; reported, never persisted
 * @param live the facts to go on with once the events are persisted
 * @param refusal why an operator's word was refused; empty for everything else
 * @param done what an operator's word has done, a sentence; empty for everything else
 */
public record Decision(
    List<WorkloadEvent> events,
    List<WorkloadEvent> wouldHave,
    Live live,
    Optional<String> refusal,
    String done) {

  public Decision {
    events = List.copyOf(events);
    wouldHave = List.copyOf(wouldHave);
  }
}
