package dev.thaw.persistence;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WorkloadName;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What has been decided about a workload: the fold of its events. {@link #apply} is the only way it
 * changes and looks at nothing but the event, so that a replay gives the same state bit for bit.
 *
 * @param sequence how many events it has taken in
 * @param version sequence number of the event that last changed the table's entries
 * @param members in the order in which they joined
 * @param paused an operator has frozen the rungs of all
 */
public record Workload(
    WorkloadName name,
    Mode mode,
    long term,
    long sequence,
    long version,
    Members members,
    boolean paused) {

  /** A pod's whole share, in per cent. */
  public static final int FULL = 100;

  /** How many slots an in-kernel table has. */
  public static final int SLOTS = 1024;

  /** A workload of which nothing has been decided. */
  public static Workload empty(WorkloadName name) {
    return new Workload(name, Mode.OBSERVE, 0, 0, 0, Members.NONE, false);
  }

  /**
   * The state after one more event; an event about a pod or start it does not know changes nothing.
   */
  public Workload apply(WorkloadEvent event) {
    Workload next = fold(event).counted(sequence + 1);
    return members.sameTable(next.members) ? next : next.versioned(sequence + 1);
  }

  /** The state after these events, in order. */
  public Workload applyAll(Collection<? extends WorkloadEvent> events) {
    Workload state = this;
    for (WorkloadEvent event : events) {
      state = state.apply(event);
    }
    return state;
  }

  /** The table this state stands for. */
  public WeightTable table() {
    return new WeightTable(name, term, version, entries());
  }

  public Optional<Member> member(PodUid pod) {
    return Optional.ofNullable(members.get(pod));
  }

  /** Whether the rungs of this member are frozen, by itself or with all. */
  public boolean frozen(Member member) {
    return paused || member.paused();
  }

  /** Who climbs in this cohort. */
  public Collection<Member> climbing(CohortId cohort) {
    return members.climbing(cohort);
  }

  /** Those that take their whole share. */
  public List<Member> warm() {
    return members.values().stream().filter(Member::warm).toList();
  }

  /** The smallest slot nobody has; empty when all are taken. */
  public Optional<Integer> freeSlot() {
    var taken = new BitSet();
    members.values().forEach(member -> taken.set(member.slot()));
    int free = taken.nextClearBit(0);
    return free < SLOTS ? Optional.of(free) : Optional.empty();
  }

  private List<WeightTable.Entry> entries() {
    return members.values().stream()
        .flatMap(member -> Members.line(member).stream())
        .sorted(Comparator.comparingInt(WeightTable.Entry::slot))
        .toList();
  }

  private Workload fold(WorkloadEvent event) {
    if (event instanceof WorkloadEvent.Opened e) {
      return new Workload(name, e.mode(), e.term(), sequence, version, members, paused);
    } else if (event instanceof WorkloadEvent.Joined e) {
      return with(
          new Member(e.pod(), e.name(), e.slot(), e.endpoint(), new Stage.Awaited(), false));
    } else if (event instanceof WorkloadEvent.Left e) {
      return without(e.pod());
    } else if (event instanceof WorkloadEvent.Paused e) {
      return pausing(e.pods(), true);
    } else if (event instanceof WorkloadEvent.Resumed e) {
      return pausing(e.pods(), false);
    } else if (event instanceof WorkloadEvent.Started e) {
      return change(e.pod(), member -> member.at(new Stage.Cold(Birth.of(e.start()))));
    } else if (event instanceof WorkloadEvent.Confirmed e) {
      return stage(e.pod(), e.start(), Transitions::confirmed);
    } else if (event instanceof WorkloadEvent.Warmed e) {
      return stage(e.pod(), e.start(), stage -> Transitions.warmed(stage, e));
    } else if (event instanceof WorkloadEvent.Ejected e) {
      return stage(e.pod(), e.start(), stage -> Transitions.ejected(stage, e));
    } else if (event instanceof WorkloadEvent.Aborted e) {
      return change(e.pod(), member -> member.at(Transitions.aborted(member.stage())));
    } else if (event instanceof WorkloadEvent.Retried e) {
      return change(e.pod(), member -> member.at(Transitions.retried(member.stage())));
    } else if (event instanceof WorkloadEvent.RungEntered e) {
      Workload state = this;
      for (PodUid pod : e.pods()) {
        state = state.change(pod, member -> member.at(Transitions.entered(member.stage(), e)));
      }
      return state;
    } else if (event instanceof WorkloadEvent.RungApplied e) {
      return cohort(e.cohort(), e.rung(), Transitions::acknowledged);
    } else if (event instanceof WorkloadEvent.Passed e) {
      return cohort(e.cohort(), e.rung(), climbing -> Transitions.passed(climbing, e));
    } else if (event instanceof WorkloadEvent.WentBack e) {
      return cohort(e.cohort(), e.fromRung(), climbing -> Transitions.back(climbing, e));
    } else if (event instanceof WorkloadEvent.Settled e) {
      return climbers(e.cohort(), climbing -> new Stage.Settled(climbing.birth().again()));
    }
    throw new IllegalStateException("an event without a place in the state: " + event);
  }

  private Workload pausing(List<PodUid> pods, boolean now) {
    if (pods.isEmpty()) {
      return new Workload(name, mode, term, sequence, version, members, now);
    }
    Workload state = this;
    for (PodUid pod : pods) {
      state = state.change(pod, member -> member.paused(now));
    }
    return state;
  }

  private Workload stage(PodUid pod, StartId start, UnaryOperator<Stage> next) {
    return change(pod, member -> member.is(start) ? member.at(next.apply(member.stage())) : member);
  }

  private Workload cohort(CohortId cohort, int rung, Function<Stage.Climbing, Stage> next) {
    return climbers(
        cohort, climbing -> climbing.climb().rung() == rung ? next.apply(climbing) : climbing);
  }

  private Workload climbers(CohortId cohort, Function<Stage.Climbing, Stage> next) {
    Workload state = this;
    for (Member member : members.climbing(cohort)) {
      if (member.stage() instanceof Stage.Climbing climbing) {
        state = state.with(member.at(next.apply(climbing)));
      }
    }
    return state;
  }

  private Workload change(PodUid pod, UnaryOperator<Member> next) {
    Member member = members.get(pod);
    return member == null ? this : with(next.apply(member));
  }

  private Workload with(Member member) {
    return new Workload(name, mode, term, sequence, version, members.with(member), paused);
  }

  private Workload without(PodUid pod) {
    return new Workload(name, mode, term, sequence, version, members.without(pod), paused);
  }

  private Workload counted(long events) {
    return new Workload(name, mode, term, events, version, members, paused);
  }

  private Workload versioned(long newVersion) {
    return new Workload(name, mode, term, sequence, newVersion, members, paused);
  }
}
