package dev.thaw.coordinator.pod;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The making of one decision about a pod; lives within one call of the core. */
final class PodStep {
  private final PodUid uid;
  private final List<PodEffect> effects = new ArrayList<>();
  PodState state;

  PodStep(PodUid uid, PodState state) {
    this.uid = uid;
    this.state = state;
  }

  PodDecision decision() {
    return new PodDecision(state, effects);
  }

  void owe(PodEffect effect) {
    effects.add(effect);
  }

  void tell(StartId start, Fact fact) {
    effects.add(new PodEffect.Tell(new Input.PodMoved(uid, start, fact)));
  }

  /** Whether a process is known by now. */
  boolean started() {
    return state.facts().isPresent();
  }

  boolean announced(String event) {
    return state.facts().filter(facts -> facts.announced().has(event)).isPresent();
  }

  void announce(String event, long atNanos, Map<String, Object> fields) {
    state.facts().ifPresent(facts -> put(facts.announced(event, atNanos)));
    effects.add(new PodEffect.Announce(event, OptionalLong.of(atNanos), fields));
  }

  void put(StartFacts facts) {
    if (state instanceof PodState.Started) {
      state = new PodState.Started(facts);
    } else if (state instanceof PodState.Confirming) {
      state = new PodState.Confirming(facts);
    } else if (state instanceof PodState.Confirmed) {
      state = new PodState.Confirmed(facts);
    } else if (state instanceof PodState.Warming) {
      state = new PodState.Warming(facts);
    } else if (state instanceof PodState.Serving serving) {
      state = new PodState.Serving(facts, serving.phase(), serving.weight());
    } else if (state instanceof PodState.Draining) {
      state = new PodState.Draining(facts);
    } else if (state instanceof PodState.Gone gone) {
      state = new PodState.Gone(facts, gone.how());
    }
  }
}
