package dev.thaw.persistence;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.util.Optional;

/**
 * One pod of a workload and what has been decided about it.
 *
 * @param slot its place in in-kernel tables, 0 to 1023, its own while it is a member
 * @param paused an operator has frozen its rungs
 */
public record Member(
    PodUid pod, PodName name, int slot, Endpoint endpoint, Stage stage, boolean paused) {

  /** Per cent of its fair share that it is given, 0 to 100. */
  public int weight() {
    return stage.weight();
  }

  /** The start that decisions speak of, once there is one. */
  public Optional<StartId> start() {
    return stage.born().map(Birth::start);
  }

  /** Whether this is the start that decisions speak of. */
  public boolean is(StartId start) {
    return start().filter(start::equals).isPresent();
  }

  /** Whether it takes its whole share, watched or not. */
  public boolean warm() {
    return weight() == Workload.FULL;
  }

  Member at(Stage newStage) {
    return new Member(pod, name, slot, endpoint, newStage, paused);
  }

  Member paused(boolean now) {
    return new Member(pod, name, slot, endpoint, stage, now);
  }
}
