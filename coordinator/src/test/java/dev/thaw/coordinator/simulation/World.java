package dev.thaw.coordinator.simulation;

import dev.thaw.coordinator.workload.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;

/** Virtual time, the one source of chance, and what happened lately. */
final class World {
  private static final int REMEMBERED = 60;
  private static final Instant BIRTH = Instant.parse("2026-01-01T00:00:00Z");

  private record Due(long at, long order, Runnable what) {}

  final long seed;
  final Random random;
  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private final Deque<String> lately = new ArrayDeque<>();
  private long nanos = Duration.ofHours(1).toNanos();
  private long order;
  private long wallStep;

  World(long seed) {
    this.seed = seed;
    this.random = new Random(new SplittableRandom(seed).nextLong()); // neighbours must differ
  }

  long nanos() {
    return nanos;
  }

  /** The wall clock jumps; nothing but people may notice. */
  void stepWall(Duration by) {
    wallStep += by.toNanos();
  }

  Moment moment() {
    return new Moment(nanos, BIRTH.plusNanos(nanos + wallStep));
  }

  void after(Duration delay, Runnable what) {
    at(nanos + delay.toNanos(), what);
  }

  void at(long when, Runnable what) {
    queue.add(new Due(Math.max(when, nanos), order++, what));
  }

  /** Runs everything due until then. */
  void run(Duration time) {
    long until = nanos + time.toNanos();
    while (!queue.isEmpty() && queue.peek().at() <= until) {
      Due due = queue.remove();
      nanos = due.at();
      due.what().run();
    }
    nanos = until;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  Duration between(long fromMillis, long toMillis) {
    return Duration.ofMillis(fromMillis + (long) (random.nextDouble() * (toMillis - fromMillis)));
  }

  void note(Object what) {
    lately.addLast("%9.3f %s".formatted(nanos / 1e9 - 3600, what));
    if (lately.size() > REMEMBERED) {
      lately.removeFirst();
    }
  }

  /** Ends the run: says what is wrong, how to see it again, and what led to it. */
  void violated(String invariant, String detail) {
    throw new Violation(seed, invariant, detail, String.join("\n", lately));
  }

  void check(boolean holds, String invariant, Object detail) {
    if (!holds) {
      violated(invariant, String.valueOf(detail));
    }
  }

  /** An invariant did not hold. */
  static final class Violation extends AssertionError {
    final String invariant;

    Violation(long seed, String invariant, String detail, String lately) {
      super(
          "seed %d: %s: %s%nreplay: -Dthaw.sim.seed=%d%n%s"
              .formatted(seed, invariant, detail, seed, lately));
      this.invariant = invariant;
    }
  }
}
