package dev.thaw.node;

import dev.thaw.bpf.HostPressure;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.Stalls;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.StartRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Owns the programs that count this node's pressure, and reports what they and the kernel's pages
 * say, on a timer. Runs on the native dispatcher: it reads a file per pod and resource.
 */
final class PressureWatch extends AbstractBehavior<PressureWatch.Command> {
  sealed interface Command {}

  /** Reports this start's own pressure from now on; its control group exists. */
  record Watch(StartRef start, String podName, Cgroup group) implements Command {}

  record Unwatch(String podUid) implements Command {}

  /** Ends the watch; answered when the programs are gone. */
  record Stop(ActorRef<Done> replyTo) implements Command {}

  private enum ReadDue implements Command {
    INSTANCE
  }

  private record Pod(StartRef start, String name, long groupId, Optional<Path> folder) {}

  private final PressureSource source;
  private final Duration interval;
  private final Consumer<FromNode> link;
  private final Map<String, Pod> pods = new LinkedHashMap<>();
  private boolean released;

  private PressureWatch(
      ActorContext<Command> context,
      PressureSource source,
      Duration interval,
      Consumer<FromNode> link) {
    super(context);
    this.source = source;
    this.interval = interval;
    this.link = link;
  }

  /**
   * A watch that goes on when a reading fails. {@code source} is opened in the actor's own thread,
   * and closed with it.
   */
  static Behavior<Command> create(
      Supplier<PressureSource> source, PressureSettings settings, Consumer<FromNode> link) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> {
                      timers.startTimerWithFixedDelay(ReadDue.INSTANCE, settings.interval());
                      return new PressureWatch(context, source.get(), settings.interval(), link);
                    })),
        why -> link.accept(NodeActor.degradation("pressure", why)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Watch.class, this::onWatch)
        .onMessage(Unwatch.class, this::onUnwatch)
        .onMessageEquals(ReadDue.INSTANCE, this::onReadDue)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onWatch(Watch command) {
    pods.put(
        command.start().getPodUid(),
        new Pod(
            command.start(),
            command.podName(),
            command.group().unifiedId(),
            command.group().unifiedFolder()));
    return this;
  }

  private Behavior<Command> onUnwatch(Unwatch command) {
    pods.remove(command.podUid());
    return this;
  }

  private Behavior<Command> onReadDue() {
    Optional<HostPressure.Reading> counts = source.counts();
    PressureReport.Builder report =
        PressureReport.newBuilder()
            .setAtNanos(Clocks.monotonicNanos())
            .setIntervalNanos(interval.toNanos())
            .addAllStalls(stalls(source.machine()));
    counts.ifPresent(
        read -> {
          read.retransmits().ifPresent(report::setRetransmits);
          report.addAllBlockRequests(read.blockRequests());
        });
    pods.values().forEach(pod -> report.addPods(report(pod, counts)));
    link.accept(FromNode.newBuilder().setPressureReport(report).build());
    return this;
  }

  private PressureReport.Pod report(Pod pod, Optional<HostPressure.Reading> counts) {
    PressureReport.Pod.Builder report =
        PressureReport.Pod.newBuilder().setStart(pod.start()).setPodName(pod.name());
    pod.folder().ifPresent(folder -> report.addAllStalls(stalls(source.group(folder))));
    counts
        .filter(read -> pod.groupId() != 0 && knowsGroups(read))
        .ifPresent(read -> report.setRetransmits(read.byGroup().getOrDefault(pod.groupId(), 0L)));
    return report.build();
  }

  /** A kernel that does not tell sockets' groups counts for none of them. */
  private static boolean knowsGroups(HostPressure.Reading read) {
    return read.retransmits().isPresent()
        && (read.retransmits().getAsLong() == 0 || !read.byGroup().isEmpty());
  }

  private static List<PressureReport.Stall> stalls(Map<Stalls.Resource, Stalls.Stall> read) {
    return read.entrySet().stream()
        .map(
            entry ->
                PressureReport.Stall.newBuilder()
                    .setResource(resource(entry.getKey()))
                    .setSomeMicros(entry.getValue().some())
                    .setFullMicros(entry.getValue().full())
                    .build())
        .toList();
  }

  private static PressureReport.Stall.Resource resource(Stalls.Resource resource) {
    return switch (resource) {
      case MEMORY -> PressureReport.Stall.Resource.MEMORY;
      case CPU -> PressureReport.Stall.Resource.CPU;
      case IO -> PressureReport.Stall.Resource.IO;
    };
  }

  private Behavior<Command> onStop(Stop command) {
    release();
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    if (!released) {
      released = true;
      source.close();
    }
    return this;
  }
}
