package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Decides everything relative within one workload: who its members are, who climbs, and so the
 * table. Pure; the actor and the simulator call the same three methods. Any thread.
 */
public final class WorkloadCore {
  private final WarmupPolicy policy;
  private final Rungs rungs;
  private final Membership membership;
  private final Facts facts;
  private final Samples samples;
  private final Ladder ladder;
  private final Verbs verbs;
  private final Owed owed;
  private final Optional<ShadowLadder> shadow;

  public WorkloadCore(WarmupPolicy policy) {
    this.policy = policy;
    this.rungs = new Rungs(policy);
    this.membership = new Membership();
    this.facts = new Facts(policy);
    this.samples = new Samples(policy);
    this.ladder = new Ladder(policy, samples);
    this.verbs = new Verbs(policy);
    this.owed = new Owed(policy);
    this.shadow =
        policy.mode() == Mode.OBSERVE ? Optional.of(new ShadowLadder(policy)) : Optional.empty();
  }

  /**
   * What follows from an input. The events belong to one atomic write; {@link Decision#live()}
   * replaces {@code live} once they are persisted.
   */
  public Decision decide(Workload state, Live live, Input input, Moment now) {
    if (input instanceof Input.Open open && live.standing() == Live.Standing.CLOSED) {
      return opened(state, live, open, now);
    } else if (live.standing() != Live.Standing.OPEN) {
      return waiting(live, input);
    }
    var turn = new Turn(state, live, now);
    Outcome outcome = take(turn, input);
    ladder.settle(turn);
    return shadow
        .map(paper -> paper.decide(turn, input, now, outcome))
        .orElseGet(() -> decision(turn, List.of(), outcome));
  }

  /** What is owed now; nothing before {@link Input.Open} and nothing once fenced. */
  public Set<Effect> effects(Workload state, Live live) {
    return live.standing() == Live.Standing.OPEN ? owed.effects(state, live) : Set.of();
  }

  /**
   * Whether a decision without events leaves owed what was owed; when it is not sure it says no.
   *
   * @param before the facts by which {@link #effects} was asked last
   */
  public boolean owesTheSame(Live before, Decision decision) {
    return decision.events().isEmpty() && Owed.same(before, decision.live());
  }

  /** When to come back with {@link Input.Woke} at the latest, on the monotonic clock. */
  public OptionalLong wakeAt(Workload state, Live live) {
    return live.standing() == Live.Standing.OPEN
        ? Alarm.at(policy, state, live)
        : OptionalLong.empty();
  }

  /** How many verdicts in a row the hold of a rung is, for people; 0 on rung 0. */
  public int passesNeeded(int rung) {
    return rung == 0 ? 0 : rungs.passesNeeded(rung);
  }

  private Decision opened(Workload state, Live live, Input.Open open, Moment now) {
    var turn = new Turn(state, live.standing(Live.Standing.OPEN), now);
    long term = Math.max(state.term(), open.highestTermSeen()) + 1;
    turn.decide(new WorkloadEvent.Opened(term, policy.mode(), now.wall()));
    return shadow
        .map(paper -> paper.decide(turn, open, now, Outcome.NOTHING))
        .orElseGet(() -> decision(turn, List.of(), Outcome.NOTHING));
  }

  /** Before it opens a writer may learn who listens; once fenced it only says so. */
  private static Decision waiting(Live live, Input input) {
    Live next =
        live.standing() == Live.Standing.CLOSED && input instanceof Input.SubscribersChanged change
            ? live.connected(change.connected())
            : live;
    Optional<String> refusal =
        input instanceof Input.Command
            ? Optional.of("this writer does not decide: it has not opened or was superseded")
            : Optional.empty();
    return new Decision(List.of(), List.of(), next, refusal, "");
  }

  private Outcome take(Turn turn, Input input) {
    if (input instanceof Input.Digest digest) {
      membership.listed(turn, digest);
    } else if (input instanceof Input.Deleted deleted) {
      membership.deleted(turn, deleted);
    } else if (input instanceof Input.PodMoved moved) {
      facts.moved(turn, moved);
    } else if (input instanceof Input.Sampled sampled) {
      samples.sampled(turn, sampled);
    } else if (input instanceof Input.Strained strained) {
      samples.strained(turn, strained);
    } else if (input instanceof Input.PicksCounted counted) {
      samples.counted(turn, counted);
    } else if (input instanceof Input.QueryAnswered answered) {
      samples.answered(turn, answered);
    } else if (input instanceof Input.SubscribersChanged change) {
      turn.learn(live -> live.connected(change.connected()));
    } else if (input instanceof Input.TableApplied applied) {
      turn.learn(live -> live.applied(applied.subscriber(), applied.term(), applied.version()));
    } else if (input instanceof Input.TableRefused refused) {
      refused(turn, refused);
    } else if (input instanceof Input.Command command) {
      return verbs.command(turn, command);
    }
    return Outcome.NOTHING;
  }

  private static void refused(Turn turn, Input.TableRefused refused) {
    if (refused.haveTerm() > turn.state().term()) {
      turn.learn(live -> live.standing(Live.Standing.FENCED));
    }
  }

  static Decision decision(Turn turn, List<WorkloadEvent> wouldHave, Outcome outcome) {
    return new Decision(turn.events(), wouldHave, turn.live(), outcome.refusal(), outcome.done());
  }

  /** What to answer an operator. */
  record Outcome(Optional<String> refusal, String done) {
    static final Outcome NOTHING = new Outcome(Optional.empty(), "");

    static Outcome refuse(String why) {
      return new Outcome(Optional.of(why), "");
    }

    static Outcome did(String what) {
      return new Outcome(Optional.empty(), what);
    }
  }
}
