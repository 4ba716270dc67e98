package dev.thaw.coordinator.simulation;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Decision;
import dev.thaw.coordinator.workload.Effect;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Live;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.WorkloadCore;
import dev.thaw.persistence.Workload;
import java.util.OptionalLong;
import java.util.Set;

/** The workload core as the simulator calls it, so that a broken one can stand in. */
interface Core {

  Decision decide(Workload state, Live live, Input input, Moment now);

  Set<Effect> effects(Workload state, Live live);

  OptionalLong wakeAt(Workload state, Live live);

  /** The very core that the actor calls. */
  static Core real(WarmupPolicy policy) {
    var core = new WorkloadCore(policy);
    return new Core() {
      @Override
      public Decision decide(Workload state, Live live, Input input, Moment now) {
        return core.decide(state, live, input, now);
      }

      @Override
      public Set<Effect> effects(Workload state, Live live) {
        return core.effects(state, live);
      }

      @Override
      public OptionalLong wakeAt(Workload state, Live live) {
        return core.wakeAt(state, live);
      }
    };
  }
}
