package dev.thaw.node;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.v1.TrackPod;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;

/** The ways in which a local process begins, is taken over and ends. Any thread. */
record ProcessTools(
    PodGroups groups, ProcessLaunch launch, ProcessAdopter adopter, ProcessEnds ends) {

  /** All of one node; as for {@link LocalProcesses#create} and {@link ProcessLaunch}. */
  static ProcessTools of(
      NodeSettings settings,
      Optional<CgroupLayout> layout,
      ActorRef<KernelWatch.Command> kernel,
      BiConsumer<TrackPod, ProcessIndex.Group> expecting,
      Executor blocking,
      ActorSystem<?> system) {
    String bootId = Clocks.bootId();
    var groups = new PodGroups(layout, settings.cgroupParent());
    var register = new ProcessRegister(settings.stateFolder());
    var ends = new ProcessEnds(register, blocking, new KernelsWord(kernel, system));
    var starter = new ProcessStarter(register, bootId);
    return new ProcessTools(
        groups,
        new ProcessLaunch(groups, starter, ends, kernel, expecting, system),
        new ProcessAdopter(groups, ends, bootId),
        ends);
  }
}
