package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import dev.thaw.node.http.Connector;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Target;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import dev.thaw.protocol.v1.WarmupReport;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
  /** Of a scrape's interval; the rest is for the answer's way through the house. */
  private static final double SCRAPE_SHARE = 0.9;

  private static final Duration WARMUP_CONNECT = Duration.ofSeconds(5);

  sealed interface Command {}

  /** Knows the pod's plans from now on. */
  record Track(TrackPod pod) implements Command {}

  record Untrack(String podUid) implements Command {}

  /** This start's listener is open: the first probe goes out now. */
  record Listening(StartRef start) implements Command {}

  record SetPhase(StartRef start, SetProbing.Phase phase) implements Command {}

  record Warm(StartRef start) implements Command {}

  record SetScraping(String podUid, boolean on) implements Command {}

  /** The process is dead. */
  record Ended(StartRef start) implements Command {}

  record Stop(ActorRef<Done> replyTo) implements Command {}

  private record Probed(StartRef start, ProbeOutcome outcome) implements Command {}

  private record Warmed(StartRef start, WarmupRun.Result result) implements Command {}

  private record WarmupMay(StartRef start, Wire wire) implements Command {}

  private record ScrapeDue(String podUid) implements Command {}

  private record Scraped(
      StartRef start,
      long atNanos,
      CountersReport.Builder counters,
      CompletableFuture<HttpConnection> connected)
      implements Command {}

  private static final class Pod {
    private final TrackPod plan;
    private final @Nullable Scrape scrape;
    private @Nullable StartRef start;
    private @Nullable PodProber prober;
    private @Nullable WarmupRun warmup;
    private @Nullable HttpConnection scraping;
    private Streak streak = Streak.NONE;
    private SetProbing.Phase phase = SetProbing.Phase.CONFIRMING;
    private boolean wantsScrape;

    Pod(TrackPod plan) {
      this.plan = plan;
      this.scrape = plan.hasScrape() ? new Scrape(plan.getScrape()) : null;
    }
  }

  private final Connector connector = new Connector();
  private final Consumer<FromNode> link;
  private final TimerScheduler<Command> timers;
  private final Map<String, Pod> pods = new HashMap<>();

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
        .onMessage(Listening.class, this::onListening)
        .onMessage(SetPhase.class, this::onSetPhase)
        .onMessage(Probed.class, this::onProbed)
        .onMessage(Warm.class, this::onWarm)
        .onMessage(WarmupMay.class, this::onWarmupMay)
        .onMessage(Warmed.class, this::onWarmed)
        .onMessage(SetScraping.class, this::onSetScraping)
        .onMessage(ScrapeDue.class, this::onScrapeDue)
        .onMessage(Scraped.class, this::onScraped)
        .onMessage(Ended.class, this::onEnded)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onTrack(Track command) {
    pods.computeIfAbsent(command.pod().getPodUid(), unused -> new Pod(command.pod()));
    return this;
  }

  private Behavior<Command> onUntrack(Untrack command) {
    Pod pod = pods.remove(command.podUid());
    if (pod != null) {
      timers.cancel(command.podUid());
      quiet(pod);
    }
    return this;
  }

  private Behavior<Command> onListening(Listening command) {
    Pod pod = pods.get(command.start().getPodUid());
    if (pod == null) {
      return this;
    }
    if (!command.start().equals(pod.start)) {
      begin(pod, command.start());
    }
    PodProber prober = pod.prober;
    if (prober != null) {
      prober.listening();
    }
    return this;
  }

  private void begin(Pod pod, StartRef start) {
    quiet(pod);
    pod.start = start;
    pod.streak = Streak.NONE;
    var self = getContext().getSelf();
    var prober =
        new PodProber(
            connector,
            pod.plan.getProbe(),
            Addresses.socket(pod.plan.getAddress()),
            headers(pod, "Thaw-Probe"),
            outcome -> self.tell(new Probed(start, outcome)));
    prober.phase(pod.phase);
    pod.prober = prober;
  }

  /** Whoever serves can tell these requests from a user's. */
  private static Map<String, String> headers(Pod pod, String name) {
    return Map.of("User-Agent", "thaw-probe/1", name, pod.plan.getPodUid());
  }

  private static void quiet(Pod pod) {
    if (pod.prober != null) {
      pod.prober.stop();
      pod.prober = null;
    }
    if (pod.warmup != null) {
      pod.warmup.cancel();
      pod.warmup = null;
    }
    if (pod.scraping != null) {
      pod.scraping.close();
      pod.scraping = null;
    }
    pod.start = null;
    pod.phase = SetProbing.Phase.CONFIRMING;
  }

  /** The pod, if this is its present start. */
  private @Nullable Pod present(StartRef start) {
    Pod pod = pods.get(start.getPodUid());
    return pod != null && start.equals(pod.start) ? pod : null;
  }

  private Behavior<Command> onSetPhase(SetPhase command) {
    Pod pod = pods.get(command.start().getPodUid());
    if (pod != null) {
      pod.phase = command.phase();
      if (pod.prober != null && command.start().equals(pod.start)) {
        pod.prober.phase(command.phase());
      }
      if (command.phase() == SetProbing.Phase.CONFIRMING) {
        pod.streak = Streak.NONE; // whoever must prove itself again begins at nothing
      }
    }
    return this;
  }

  /** While confirming everything is told; afterwards what changes, and failures. */
  private Behavior<Command> onProbed(Probed message) {
    Pod pod = present(message.start());
    if (pod == null) {
      return this;
    }
    ProbeOutcome outcome = message.outcome();
    Streak before = pod.streak;
    pod.streak = before.after(outcome.isSuccess());
    boolean news =
        before.failures() > 0 || pod.streak.failures() > 0 || pod.streak.successes() == 1;
    if (pod.phase == SetProbing.Phase.CONFIRMING || news) {
      link.accept(FromNode.newBuilder().setProbeReport(report(message, pod.streak)).build());
    }
    return this;
  }

  private static ProbeReport report(Probed message, Streak streak) {
    ProbeOutcome outcome = message.outcome();
    return ProbeReport.newBuilder()
        .setStart(message.start())
        .setOutcome(outcome.kind())
        .setDetail(outcome.detail())
        .setSuccessesInRow(streak.successes())
        .setFailuresInRow(streak.failures())
        .setSentNanos(outcome.sentNanos())
        .setAnsweredNanos(outcome.answeredNanos())
        .setProtocol(outcome.protocol())
        .build();
  }

  private Behavior<Command> onWarm(Warm command) {
    Pod pod = present(command.start());
    if (pod != null && pod.plan.hasWarmup() && pod.warmup == null && pod.prober != null) {
      getContext()
          .pipeToSelf(
              pod.prober.dialect(),
              (dialect, thrown) ->
                  new WarmupMay(command.start(), thrown == null ? wire(dialect, pod) : Wire.HTTP1));
    }
    return this;
  }

  /**
   * A pod probed by TCP alone has proven no dialect: plain HTTP/1.1 then, unless the policy says
   * TLS.
   */
  private static Wire wire(Dialect dialect, Pod pod) {
    if (dialect.proven()) {
      return dialect.way();
    }
    return pod.plan.getProbe().getTls() == ProbePlan.Tls.TLS_ON ? Wire.TLS : Wire.HTTP1;
  }

  private Behavior<Command> onWarmupMay(WarmupMay message) {
    Pod pod = present(message.start());
    if (pod != null && pod.warmup == null) {
      var self = getContext().getSelf();
      pod.warmup =
          WarmupRun.start(
              connector,
              PodProber.target(
                  pod.plan.getProbe(), Addresses.socket(pod.plan.getAddress()), WARMUP_CONNECT),
              message.wire(),
              pod.plan.getWarmup(),
              headers(pod, "Thaw-Warmup"),
              result -> self.tell(new Warmed(message.start(), result)));
    }
    return this;
  }

  private Behavior<Command> onWarmed(Warmed message) {
    Pod pod = present(message.start());
    if (pod != null) {
      pod.warmup = null;
      WarmupRun.Result result = message.result();
      link.accept(
          FromNode.newBuilder()
              .setWarmupReport(
                  WarmupReport.newBuilder()
                      .setStart(message.start())
                      .setSent(result.sent())
                      .setErrors(result.errors())
                      .setP50FirstNanos(result.p50FirstNanos())
                      .setP50LastNanos(result.p50LastNanos())
                      .setBeganNanos(result.beganNanos())
                      .setEndedNanos(result.endedNanos())
                      .setLastError(result.lastError()))
              .build());
    }
    return this;
  }

  private Behavior<Command> onSetScraping(SetScraping command) {
    Pod pod = pods.get(command.podUid());
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
    Pod pod = pods.get(message.podUid());
    if (pod == null || pod.start == null || pod.prober == null || pod.scrape == null) {
      return this;
    }
    StartRef start = pod.start;
    Scrape scrape = pod.scrape;
    long at = Clocks.monotonicNanos();
    var limit = Duration.ofNanos((long) (pod.plan.getScrape().getIntervalNanos() * SCRAPE_SHARE));
    Target target =
        PodProber.target(
            pod.plan.getProbe(), Addresses.socket(pod.plan.getScrape().getAddress()), limit);
    HttpConnection open = pod.scraping;
    boolean samePort = pod.plan.getScrape().getAddress().equals(pod.plan.getAddress());
    CompletableFuture<HttpConnection> connected =
        open != null && open.isUsable()
            ? CompletableFuture.completedFuture(open)
            : pod.prober
                .dialect()
                .thenCompose(
                    dialect ->
                        connector.connect(target, samePort ? wire(dialect, pod) : Wire.HTTP1));
    CompletableFuture<CountersReport.Builder> read =
        connected
            .thenCompose(
                connection ->
                    connection.send(
                        "GET", pod.plan.getScrape().getPath(), headers(pod, "Thaw-Scrape")))
            .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
            .thenApply(
                reply ->
                    reply.status() == 200
                        ? scrape.read(reply.body())
                        : Scrape.failed("the metrics page answered with status " + reply.status()));
    getContext()
        .pipeToSelf(
            read,
            (counters, thrown) ->
                new Scraped(start, at, thrown == null ? counters : notRead(thrown), connected));
    return this;
  }

  private static CountersReport.Builder notRead(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return Scrape.failed(
        cause instanceof Failure
            ? String.valueOf(cause.getMessage())
            : "the metrics page did not answer in time");
  }

  private Behavior<Command> onScraped(Scraped message) {
    Pod pod = present(message.start());
    if (pod == null || !message.counters().getOk()) {
      message.connected().thenAccept(HttpConnection::close);
    }
    if (pod != null) {
      pod.scraping = message.counters().getOk() ? message.connected().getNow(null) : null;
      link.accept(
          FromNode.newBuilder()
              .setCountersReport(
                  message.counters().setStart(message.start()).setAtNanos(message.atNanos()))
              .build());
    }
    return this;
  }

  private Behavior<Command> onEnded(Ended command) {
    Pod pod = present(command.start());
    if (pod != null) {
      quiet(pod);
    }
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    pods.values().forEach(Probes::quiet);
    connector.close();
    return this;
  }
}
