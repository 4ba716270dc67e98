package dev.thaw.coordinator.local;

import dev.thaw.config.PodUid;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of each replica's process: started, started again, drained and ended, gone for good.
 * Its actor's alone.
 */
final class Lives {

  /** What takes time, and so comes back as a message. */
  interface Later {
    /** {@link Lives#startAgain} is to be called after this pause. */
    void startAgain(Replica replica, Duration after);

    /** Whether it is; a process that is alive has no such thing. */
    boolean startsAgain(Replica replica);

    /** It is not. */
    void startNoMore(Replica replica);

    /** {@link Lives#drained} is to be called when it has no traffic, or nobody says so in time. */
    void drain(Replica replica);

    /** The complete list has changed. */
    void list();
  }

  private final Roster roster;
  private final Outbox outbox;
  private final RestartPolicy restarts;
  private final Duration grace;
  private final LongSupplier nanos;
  private final Later later;
  private final CompletableFuture<Boolean> allGone;
  private boolean allZero = true;
  private @Nullable ActorRef<LocalPods.Stopped> stopping;

  /**
   * @param grace between SIGTERM and SIGKILL
   * @param allGone completed when no pod is left by itself: whether all of them ended with 0
   */
  Lives(
      Roster roster,
      Outbox outbox,
      RestartPolicy restarts,
      Duration grace,
      LongSupplier nanos,
      Later later,
      CompletableFuture<Boolean> allGone) {
    this.roster = roster;
    this.outbox = outbox;
    this.restarts = restarts;
    this.grace = grace;
    this.nanos = nanos;
    this.later = later;
    this.allGone = allGone;
  }

  /** One more. */
  void add() {
    Replica replica = roster.add();
    outbox.track(replica);
    start(replica);
  }

  private void start(Replica replica) {
    replica.starting();
    outbox.start(replica);
  }

  /** Its process runs; who is being ended gets no traffic, though its end was ordered before. */
  void started(Replica replica, int pid) {
    replica.pid = pid;
    if (replica.endAsked || replica.plan != Replica.Plan.RUN) {
      outbox.ending(replica);
    }
  }

  /** The pause before another start is over. */
  void startAgain(PodUid pod, Duration pause) {
    Replica replica = roster.find(pod);
    if (replica != null && replica.plan == Replica.Plan.RUN && stopping == null) {
      again(replica, "after " + pause.toSeconds() + " s");
    }
  }

  private void again(Replica replica, String why) {
    replica.restarts++;
    outbox.restarted(replica, why);
    start(replica);
  }

  /** Its process has ended, whoever wanted it. */
  void ended(Replica replica, RestartPolicy.End end) {
    replica.alive = false;
    if (stopping != null) {
      stopped();
      return;
    }
    switch (replica.plan) {
      case REMOVE -> depart(replica, LocalPods.SCALED_DOWN);
      case RESTART -> {
        replica.plan = Replica.Plan.RUN;
        again(replica, OperatorWords.RESTARTED);
      }
      case RUN -> byItself(replica, end);
    }
  }

  private void byItself(Replica replica, RestartPolicy.End end) {
    RestartPolicy.Next next = restarts.ended(end, replica.history, nanos.getAsLong());
    if (next instanceof RestartPolicy.Again again) {
      replica.history = again.history();
      later.startAgain(replica, again.after());
    } else if (next instanceof RestartPolicy.StaysDown down) {
      allZero &= end == RestartPolicy.End.SUCCESS;
      depart(replica, down.reason());
    }
  }

  private void depart(Replica replica, String reason) {
    roster.departed(replica, reason);
    outbox.departed(replica, reason);
    later.list();
    if (roster.isEmpty()) {
      allGone.complete(allZero);
    }
  }

  /** An operator wants it gone. */
  void remove(Replica replica) {
    replica.plan = Replica.Plan.REMOVE;
    if (replica.alive) {
      drain(replica);
    } else {
      later.startNoMore(replica);
      depart(replica, LocalPods.SCALED_DOWN);
    }
  }

  /** An operator wants its process anew. */
  void restart(Replica replica) {
    if (replica.alive && !later.startsAgain(replica)) {
      replica.plan = Replica.Plan.RESTART;
      drain(replica);
    } else {
      later.startNoMore(replica);
      again(replica, OperatorWords.RESTARTED);
    }
  }

  /** Its traffic goes first, its process after it. */
  private void drain(Replica replica) {
    outbox.ending(replica);
    later.drain(replica);
  }

  /** It has no traffic any more. */
  void drained(PodUid pod) {
    Replica replica = roster.find(pod);
    if (replica != null && replica.plan != Replica.Plan.RUN) { // else it has died and runs anew
      end(replica);
    }
  }

  private void end(Replica replica) {
    if (replica.alive && !replica.endAsked) {
      replica.endAsked = true;
      outbox.end(replica, grace);
    }
  }

  boolean stopping() {
    return stopping != null;
  }

  /** Ends all; {@code replyTo} is told when they are dead, or who is left by {@link #giveUp}. */
  void stop(ActorRef<LocalPods.Stopped> replyTo) {
    stopping = replyTo;
    roster.present().forEach(later::startNoMore);
    for (Replica replica : roster.present()) {
      if (replica.alive) {
        outbox.ending(replica);
        end(replica);
      }
    }
    stopped();
  }

  /** Says who still runs: it is not waited for any longer. */
  void giveUp() {
    if (stopping != null) {
      stopping.tell(new LocalPods.Stopped(running()));
    }
  }

  private List<LocalPods.StillRunning> running() {
    return roster.present().stream()
        .filter(each -> each.alive)
        .map(each -> new LocalPods.StillRunning(each.name, each.pid))
        .toList();
  }

  /** Ends all at once, those that are being ended already too. */
  void kill() {
    roster.present().forEach(each -> outbox.end(each, Duration.ZERO));
  }

  private void stopped() {
    if (running().isEmpty()) {
      giveUp();
    }
  }
}
