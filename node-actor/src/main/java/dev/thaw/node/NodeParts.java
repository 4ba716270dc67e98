package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.protocol.v1.FromNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** Those whom a node has spawned, each the owner of one resource. */
record NodeParts(
    ActorRef<KernelWatch.Command> kernel,
    ActorRef<KernelTable.Command> table,
    ActorRef<PressureWatch.Command> pressure,
    ActorRef<Probes.Command> probes,
    ActorRef<ListenerLooks.Command> looks,
    ActorRef<LocalProcesses.Command> processes) {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Props BLOCKING =
      DispatcherSelector.fromConfig("thaw.node.native-dispatcher");

  /**
   * Spawns them all.
   *
   * @param groups where we may make control groups
   * @param link to the coordinator; must only hand on
   */
  static NodeParts spawn(
      ActorContext<NodeActor.Command> context,
      NodeSettings settings,
      BpfSupport support,
      Optional<CgroupLayout> groups,
      Consumer<FromNode> link) {
    var ears = new NodeEars(context.getSelf());
    var pins = new NodePins(settings.pinFolder());
    ActorRef<KernelWatch.Command> kernel =
        context.spawn(
            support.signals()
                ? KernelWatch.create(
                    unstopped ->
                        KernelSignals.open(pins.startup(), settings.firstStart(), unstopped),
                    ears)
                : KernelWatch.absent(),
            "kernel-watch",
            BLOCKING);
    ActorRef<KernelTable.Command> table =
        context.spawn(
            support.balancing()
                ? KernelTable.create(
                    () ->
                        Balancer.open(
                            pins.balance(),
                            settings
                                .cover()
                                .orElseGet(() -> CgroupLayout.detect().unified().orElseThrow())),
                    link)
                : KernelTable.absent(link),
            "kernel-table",
            BLOCKING);
    ActorRef<PressureWatch.Command> pressure =
        context.spawn(
            PressureWatch.create(
                () ->
                    PressureSource.open(
                        support.signals(),
                        why -> link.accept(NodeActor.degradation("pressure", why))),
                PressureSettings.from(context.getSystem().settings().config()),
                link),
            "pressure-watch",
            BLOCKING);
    ActorRef<Probes.Command> probes =
        context.spawn(
            Supervised.resumed(
                Probes.Command.class,
                Probes.create(ears::said),
                why -> ears.degraded("probes", why)),
            "probes");
    ActorRef<ListenerLooks.Command> looks =
        context.spawn(
            Supervised.resumed(
                ListenerLooks.Command.class,
                ListenerLooks.create(support.signals(), LocalProcess::listeners, ears),
                why -> ears.degraded("processes", why)),
            "looks");
    ActorRef<LocalProcesses.Command> processes =
        context.spawn(LocalProcesses.create(settings, groups, kernel, looks, ears), "processes");
    return new NodeParts(kernel, table, pressure, probes, looks, processes);
  }

  /**
   * Complete when all have let go of what they own, or have not in time.
   *
   * @param clean whether nothing is to stay
   */
  CompletableFuture<Void> stop(boolean clean, Scheduler scheduler) {
    return CompletableFuture.allOf(
        stopped(probes, Probes.Stop::new, scheduler),
        stopped(pressure, PressureWatch.Stop::new, scheduler),
        stopped(table, replyTo -> new KernelTable.Stop(clean, replyTo), scheduler),
        stopped(kernel, replyTo -> new KernelWatch.Stop(clean, replyTo), scheduler),
        stopped(processes, replyTo -> new LocalProcesses.Stop(clean, replyTo), scheduler));
  }

  private static <T> CompletableFuture<Done> stopped(
      ActorRef<T> part, Function<ActorRef<Done>, T> stop, Scheduler scheduler) {
    return AskPattern.ask(part, stop::apply, PATIENCE, scheduler).toCompletableFuture();
  }
}
