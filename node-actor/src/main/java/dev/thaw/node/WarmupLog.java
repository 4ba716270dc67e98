package dev.thaw.node;

import dev.thaw.config.LatencyPlateau;
import dev.thaw.protocol.v1.WarmupPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Counts a warm-up's requests and says when they are enough. One thread; no clock. */
final class WarmupLog {
  private final WarmupPlan plan;
  private final Optional<LatencyPlateau> plateau;
  private final List<Long> latencies = new ArrayList<>();
  private int begun;
  private int sent;
  private int errors;
  private String lastError = "";
  private boolean flat;

  /** As {@code WarmupReport}, without times. */
  record Counts(
      int sent,
      int errors,
      long p50FirstNanos,
      long p50LastNanos,
      List<Long> courseNanos,
      int plateauAfter,
      String lastError) {}

  WarmupLog(WarmupPlan plan) {
    this.plan = plan;
    this.plateau =
        plan.hasPlateau()
            ? Optional.of(
                new LatencyPlateau(plan.getPlateau().getWindow(), plan.getPlateau().getTolerance()))
            : Optional.empty();
  }

  /** Whether another request should go out. */
  boolean wantsMore() {
    return !flat && begun < plan.getCount();
  }

  /** The number of the next request, counted from 0. */
  int next() {
    return begun++;
  }

  /** From the run's beginning to when the request of this number may go out. */
  long dueNanos(int number) {
    return plan.getPerSecond() == 0 ? 0 : (long) (number * 1e9 / plan.getPerSecond());
  }

  void answered(long latencyNanos) {
    sent++;
    latencies.add(latencyNanos);
    flat = flat || plateau.filter(found -> found.reachedWith(latencyNanos)).isPresent();
  }

  void failed(String why) {
    sent++;
    errors++;
    lastError = why;
  }

  /** Nothing is under way, and nothing more should go out. */
  boolean isOver() {
    return !wantsMore() && sent >= begun;
  }

  /**
   * The time is up. What is cut off has failed where it had been given its time; where nothing was
   * ever answered, all of it.
   *
   * @param hanging requests that have waited for long
   */
  void timeIsUp(int hanging) {
    int unanswered = sent == 0 ? begun : hanging;
    for (int i = 0; i < unanswered; i++) {
      failed("no answer by the warm-up's time limit");
    }
  }

  Counts counts() {
    int tenth = Math.max(1, latencies.size() / 10);
    return new Counts(
        sent,
        errors,
        Latencies.median(latencies.subList(0, Math.min(tenth, latencies.size()))),
        Latencies.median(
            latencies.subList(Math.max(0, latencies.size() - tenth), latencies.size())),
        Latencies.course(latencies),
        plateau.map(LatencyPlateau::after).orElse(0),
        lastError);
  }
}
