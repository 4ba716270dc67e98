package dev.thaw.coordinator.simulation;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.WarmupReport;
import java.util.Optional;

/** One process of the model: how it behaves, and what its node has seen of it. */
final class Process {
  final PodUid pod;
  final StartId start;
  final long execNanos;
  long listensFrom;
  long servesFrom;
  long failsFrom = Long.MAX_VALUE;
  long failsUntil = Long.MAX_VALUE;
  double errorRatio;
  double slowShare;
  boolean failsWarmup;
  boolean dead;

  boolean listenSeen;
  SetProbing.Phase phase = SetProbing.Phase.CONFIRMING;
  int successes;
  int failures;
  int longestSuccesses;
  int longestFailures;
  Optional<ProbeReport> probed = Optional.empty();
  Optional<WarmupReport> warmed = Optional.empty();

  double requests;
  double errors;
  double slow;

  Process(PodUid pod, StartId start, long execNanos) {
    this.pod = pod;
    this.start = start;
    this.execNanos = execNanos;
  }

  boolean answers(long now) {
    return !dead && now >= servesFrom && !(now >= failsFrom && now < failsUntil);
  }

  void probe(long now) {
    if (answers(now)) {
      successes++;
      failures = 0;
      longestSuccesses = Math.max(longestSuccesses, successes);
    } else {
      failures++;
      successes = 0;
      longestFailures = Math.max(longestFailures, failures);
    }
  }

  void serve(double users) {
    requests += users;
    errors += users * errorRatio;
    slow += users * slowShare;
  }
}
