package dev.thaw.coordinator.workload;

import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Verdict;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The observation of one climbing pod on one rung, open since the planes applied that rung's table
 * to this writer's knowledge.
 *
 * @param since monotonic nanoseconds, as every time here
 * @param failuresBefore connections to the pod that had failed by then
 * @param base the pod's own counters at the beginning; empty until there are some
 * @param round how many verdicts have been due
 * @param answers the latest answer to each query, and when it came
 * @param last the last verdict
 */
public record Watch(
    int rung,
    long since,
    long nextVerdict,
    long failuresBefore,
    Optional<Sample> base,
    long round,
    Map<String, Answered> answers,
    Optional<Verdict> last) {

  /** An answer and when it came. */
  public record Answered(Answer answer, long at) {}

  public Watch {
    answers = Map.copyOf(answers);
  }

  /** When its evidence begins. */
  long begun() {
    return base.map(Sample::arrived).orElse(since);
  }

  Watch based(Sample sample) {
    return new Watch(
        rung, since, nextVerdict, failuresBefore, Optional.of(sample), round, answers, last);
  }

  Watch answered(String promql, Answer answer, long at) {
    var more = new HashMap<>(answers);
    more.put(promql, new Answered(answer, at));
    return new Watch(rung, since, nextVerdict, failuresBefore, base, round, more, last);
  }

  Watch judged(Verdict verdict, long next) {
    return new Watch(
        rung, since, next, failuresBefore, base, round + 1, answers, Optional.of(verdict));
  }
}
