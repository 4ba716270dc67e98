package dev.thaw.coordinator.local;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether and when a replica whose process has ended by itself is started again. Pure; an end that
 * was asked for is not its business.
 */
public record RestartPolicy(RestartMode mode, RestartSettings settings) {

  /**
   * When a replica was started again.
   *
   * @param atNanos monotonic moments of the restarts, oldest first
   */
  public record History(List<Long> atNanos) {

    /** Never yet. */
    public static final History NONE = new History(List.of());

    public History {
      atNanos = List.copyOf(atNanos);
    }

    private History within(long nowNanos, Duration window) {
      return new History(atNanos.stream().filter(at -> nowNanos - at < window.toNanos()).toList());
    }

    private History and(long nowNanos) {
      var more = new ArrayList<>(atNanos);
      more.add(nowNanos);
      return new History(more);
    }
  }

  /** How a process ended. */
  public enum End {
    /** By itself, with exit code 0. */
    SUCCESS,
    /** With another exit code, by a signal, or nobody knows how. */
    FAILURE
  }

  /** What to do. */
  public sealed interface Next {}

  /** Start it again after this pause; {@code history} replaces the old one. */
  public record Again(Duration after, History history) implements Next {}

  /** It stays down, for this reason. */
  public record StaysDown(String reason) implements Next {}

  /** What to do about a process that has just ended. */
  public Next ended(End end, History history, long nowNanos) {
    if (mode == RestartMode.NEVER) {
      return new StaysDown("restart is never");
    } else if (mode == RestartMode.ON_FAILURE && end == End.SUCCESS) {
      return new StaysDown("it has finished");
    }
    History recent = history.within(nowNanos, settings.window());
    int restarts = recent.atNanos().size();
    if (restarts >= settings.most()) {
      return new StaysDown(
          "restarted %d times within %d s".formatted(restarts, settings.window().toSeconds()));
    }
    return new Again(pause(restarts), recent.and(nowNanos));
  }

  private Duration pause(int restarts) {
    Duration pause = settings.first();
    for (int i = 0; i < restarts && pause.compareTo(settings.longest()) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(settings.longest()) < 0 ? pause : settings.longest();
  }
}
