package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Owns every connection to pods: probes, warm-up requests, scrapes. One start per pod at a time.
 */
final class Probes extends AbstractBehavior<Probes.Command> {
  sealed interface Command {}

  /** Knows the pod's plans from now on. */
  record Track(TrackPod pod) implements Command {}

  record Untrack(String podUid) implements Command {}

  /** This start's process: its network namespace may be another than ours. */
  record Started(StartRef start, int pid) implements Command {}

  /**
   * This start's listener is open: the first probe goes out now.
   *
   * @param pid who listens, perhaps in another network than the start's first process; 0: unknown
   */
  record Listening(StartRef start, int pid) implements Command {}

  /** This start's listener has closed: who answers now is somebody else. */
  record Closed(StartRef start) implements Command {}

  record SetPhase(StartRef start, SetProbing.Phase phase) implements Command {}

  record Warm(StartRef start) implements Command {}

  record SetScraping(String podUid, boolean on) implements Command {}

  /** The process is dead. */
  record Ended(StartRef start) implements Command {}

  record Stop(ActorRef<Done> replyTo) implements Command {}

  private record Probed(StartRef start, ProbeOutcome outcome) implements Command {}

  private record Warmed(StartRef start, WarmupRun.Result result, WarmPool.Counts pool)
      implements Command {}

  private record PoolChanged(StartRef start, WarmPool.Counts counts, long atNanos)
      implements Command {}

  private record WarmupMay(StartRef start, Approach approach) implements Command {}

  private record PoolMay(StartRef start, Approach approach) implements Command {}

  private record ScrapeDue(String podUid) implements Command {}

  private record Scraped(StartRef start, long atNanos, Optional<CountersReport.Builder> counters)
      implements Command {}

  private final Connector connector = new Connector();
  private final PodSockets sockets = new PodSockets();
  private final RandomGenerator random = new SplittableRandom();
  private final Consumer<FromNode> link;
  private final TimerScheduler<Command> timers;
  private final Map<String, ProbedPod> pods = new HashMap<>();

  private Probes(
      ActorContext<Command> context, TimerScheduler<Command> timers, Consumer<FromNode> link) {
    super(context);
    this.timers = timers;
    this.link = link;
  }

  static Behavior<Command> create(Consumer<FromNode> link) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Probes(context, timers, link)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Track.class, this::onTrack)
        .onMessage(Untrack.class, this::onUntrack)
        .onMessage(Started.class, this::onStarted)
        .onMessage(Listening.class, this::onListening)
        .onMessage(Closed.class, this::onClosed)
        .onMessage(SetPhase.class, this::onSetPhase)
        .onMessage(Probed.class, this::onProbed)
        .onMessage(Warm.class, this::onWarm)
        .onMessage(WarmupMay.class, this::onWarmupMay)
        .onMessage(Warmed.class, this::onWarmed)
        .onMessage(PoolChanged.class, this::onPoolChanged)
        .onMessage(PoolMay.class, this::onPoolMay)
        .onMessage(SetScraping.class, this::onSetScraping)
        .onMessage(ScrapeDue.class, this::onScrapeDue)
        .onMessage(Scraped.class, this::onScraped)
        .onMessage(Ended.class, this::onEnded)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onTrack(Track command) {
    pods.computeIfAbsent(command.pod().getPodUid(), unused -> new ProbedPod(command.pod()));
    return this;
  }

  private Behavior<Command> onUntrack(Untrack command) {
    ProbedPod pod = pods.remove(command.podUid());
    if (pod != null) {
      timers.cancel(command.podUid());
      pod.quiet();
    }
    return this;
  }

  private Behavior<Command> onStarted(Started command) {
    ProbedPod pod = pods.get(command.start().getPodUid());
    if (pod != null) {
      pod.runs(command.start(), command.pid());
    }
    return this;
  }

  private Behavior<Command> onListening(Listening command) {
    ProbedPod pod = pods.get(command.start().getPodUid());
    if (pod == null) {
      return this;
    }
    PodProber prober = pod.prober;
    if (prober == null || !pod.is(command.start())) {
      if (command.pid() != 0) {
        pod.runs(command.start(), command.pid());
      }
      prober = begin(pod, command.start());
    }
    pod.listens = true;
    prober.listening();
    return this;
  }

  private Behavior<Command> onClosed(Closed command) {
    ProbedPod pod = present(command.start());
    if (pod != null) {
      pod.listens = false;
    }
    return this;
  }

  private PodProber begin(ProbedPod pod, StartRef start) {
    pod.quiet();
    pod.start = start;
    var self = getContext().getSelf();
    var prober =
        new PodProber(
            connector,
            start.getPodUid(),
            pod.spec,
            pod.pid(start).flatMap(sockets::of),
            random,
            outcome -> self.tell(new Probed(start, outcome)));
    prober.phase(pod.phase(start)); // it may have been said before this start listened
    pod.prober = prober;
    return prober;
  }

  /** The pod, if this is its present start. */
  private @Nullable ProbedPod present(StartRef start) {
    ProbedPod pod = pods.get(start.getPodUid());
    return pod != null && pod.is(start) ? pod : null;
  }

  private Behavior<Command> onSetPhase(SetPhase command) {
    ProbedPod pod = pods.get(command.start().getPodUid());
    if (pod == null) {
      return this;
    }
    pod.wants(command.start(), command.phase());
    if (pod.prober != null && pod.is(command.start())) {
      pod.prober.phase(command.phase());
      if (command.phase() == SetProbing.Phase.READY) {
        pod.warming.ready();
      }
      if (command.phase() == SetProbing.Phase.CONFIRMING) {
        pod.streak = Streak.NONE; // whoever must prove itself again begins at nothing
      }
    }
    return this;
  }

  private Behavior<Command> onProbed(Probed message) {
    ProbedPod pod = present(message.start());
    if (pod == null) {
      return this;
    }
    ProbeOutcome outcome = pod.listens ? message.outcome() : message.outcome().ofAnother();
    if (pod.isNews(outcome)) {
      link.accept(Reports.probed(message.start(), outcome, pod.streak));
    }
    if (outcome.isSuccess() && pod.isWarmWithoutPool() && pod.prober != null) {
      getContext()
          .pipeToSelf(
              pod.prober.approach(), (approach, never) -> new PoolMay(message.start(), approach));
    }
    return this;
  }

  private Behavior<Command> onPoolMay(PoolMay message) {
    ProbedPod pod = present(message.start());
    if (pod != null) {
      pod.warming.keepPool(
          connector,
          message.approach(),
          pod.phase(message.start()) == SetProbing.Phase.READY,
          poolChanged(message.start()));
    }
    return this;
  }

  private Consumer<WarmPool.Counts> poolChanged(StartRef start) {
    var self = getContext().getSelf();
    return counts -> self.tell(new PoolChanged(start, counts, Clocks.monotonicNanos()));
  }

  private Behavior<Command> onWarm(Warm command) {
    ProbedPod pod = present(command.start());
    if (pod != null && pod.plan.hasWarmup() && !pod.warming.isUnderWay() && pod.prober != null) {
      getContext()
          .pipeToSelf(
              pod.prober.approach(),
              (approach, thrown) -> new WarmupMay(command.start(), approach));
    }
    return this;
  }

  private Behavior<Command> onWarmupMay(WarmupMay message) {
    ProbedPod pod = present(message.start());
    if (pod != null && !pod.warming.isUnderWay()) {
      var self = getContext().getSelf();
      pod.warming.begin(
          connector,
          message.approach(),
          (result, counts) -> self.tell(new Warmed(message.start(), result, counts)),
          poolChanged(message.start()));
    }
    return this;
  }

  private Behavior<Command> onWarmed(Warmed message) {
    ProbedPod pod = present(message.start());
    if (pod != null) {
      pod.warming.over();
      link.accept(Reports.warmed(message.start(), message.result(), message.pool()));
    }
    return this;
  }

  private Behavior<Command> onPoolChanged(PoolChanged message) {
    if (present(message.start()) != null) {
      link.accept(Reports.pool(message.start(), message.counts(), message.atNanos()));
    }
    return this;
  }

  private Behavior<Command> onSetScraping(SetScraping command) {
    ProbedPod pod = pods.get(command.podUid());
    if (pod != null && pod.plan.hasScrape() && pod.wantsScrape != command.on()) {
      pod.wantsScrape = command.on();
      if (command.on()) {
        timers.startTimerAtFixedRate(
            command.podUid(),
            new ScrapeDue(command.podUid()),
            Duration.ZERO,
            Duration.ofNanos(pod.plan.getScrape().getIntervalNanos()));
      } else {
        timers.cancel(command.podUid());
      }
    }
    return this;
  }

  private Behavior<Command> onScrapeDue(ScrapeDue message) {
    ProbedPod pod = pods.get(message.podUid());
    if (pod == null || pod.start == null || pod.prober == null) {
      return this;
    }
    StartRef start = pod.start;
    Scraping scraping = pod.scraping;
    if (scraping == null) {
      scraping = new Scraping(connector, pod.spec, pod.plan, getContext().getExecutionContext());
      pod.scraping = scraping;
    }
    long at = Clocks.monotonicNanos();
    getContext()
        .pipeToSelf(
            scraping.read(pod.prober), (counters, never) -> new Scraped(start, at, counters));
    return this;
  }

  private Behavior<Command> onScraped(Scraped message) {
    if (present(message.start()) != null) {
      message
          .counters()
          .ifPresent(
              counters ->
                  link.accept(Reports.counted(message.start(), counters, message.atNanos())));
    }
    return this;
  }

  private Behavior<Command> onEnded(Ended command) {
    ProbedPod pod = present(command.start());
    if (pod != null) {
      pod.quiet();
    }
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    pods.values().forEach(ProbedPod::quiet);
    connector.close();
    sockets.close();
    return this;
  }
}
