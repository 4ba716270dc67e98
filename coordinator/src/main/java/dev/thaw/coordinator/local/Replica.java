package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import java.util.Optional;

/** One pod that there should be, and what is intended with its process. Its actor's alone. */
final class Replica {

  /** What is intended. */
  enum Plan {
    /** It should run. */
    RUN,
    /** Its process is being ended and another is to follow. */
    RESTART,
    /** Its process is being ended for good. */
    REMOVE
  }

  final int index;
  final PodUid uid;
  final PodName name;
  final Endpoint endpoint;
  RestartPolicy.History history = RestartPolicy.History.NONE;
  Plan plan = Plan.RUN;
  boolean alive;

  /** Of its process; 0 until it is told. */
  int pid;

  /** The start whose end was heard of last; empty: none. */
  private String ended = "";

  boolean endAsked;
  boolean onEveryAddress;
  int restarts;

  Replica(int index, PodUid uid, PodName name, Endpoint endpoint) {
    this.index = index;
    this.uid = uid;
    this.name = name;
    this.endpoint = endpoint;
  }

  static Replica adopted(LocalRun.Adopted left) {
    String name = left.name().value();
    int index = Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    var replica = new Replica(index, left.uid(), left.name(), left.endpoint());
    replica.alive = true;
    return replica;
  }

  /** A process of it is about to be started. */
  void starting() {
    alive = true;
    pid = 0;
    endAsked = false;
    onEveryAddress = false;
  }

  /**
   * This start (empty: nobody knows which) has ended; whether that is news about what runs. A node
   * that is asked to tells again of the last end, also when the next process has been ordered and
   * has not begun.
   */
  boolean ends(String startId) {
    boolean news = alive && (startId.isEmpty() || !ended.equals(startId));
    ended = startId;
    return news;
  }

  LocalPods.View view(Optional<String> down) {
    return new LocalPods.View(uid, name, endpoint, restarts, down);
  }
}
