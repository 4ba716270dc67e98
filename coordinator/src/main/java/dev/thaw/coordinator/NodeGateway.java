package dev.thaw.coordinator;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.traffic.KernelPlane;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.Report;
import dev.thaw.protocol.v1.SetScraping;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.jspecify.annotations.Nullable;

/** The coordinator's end of one node's link: who says what to whom. */
public final class NodeGateway extends AbstractBehavior<NodeGateway.Command> {
  /** Several pods' actors that ask at once are answered by one report. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** What the gateway is told. */
  public sealed interface Command {}

  /** Something for the node. */
  public record Order(ToNode message) implements Command {}

  /** Exactly these pods are to be scraped. */
  public record Scrape(Set<PodUid> pods) implements Command {}

  /** Somebody wants to hear again all the node knows. */
  public enum AskReport implements Command {
    ASK_REPORT
  }

  /** Asks for what the node can do; empty before it has said so. */
  public record Look(ActorRef<Optional<Hello>> replyTo) implements Command {}

  /** Where the node's messages go from now on. */
  public record Listen(Listeners listeners) implements Command {}

  private record Heard(FromNode message) implements Command {}

  private enum Gathered implements Command {
    GATHERED
  }

  /** Who is told what. */
  public record Listeners(
      Function<PodUid, EntityRef<PodActor.Command>> pods,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<LocalPods.Command> source,
      ActorRef<Feed.Command> feed) {}

  private final NodeLink<ToNode, FromNode> link;
  private final WarmupPolicy policy;
  private final Duration renew;
  private final TimerScheduler<Command> timers;
  private final Set<PodUid> scraped = new HashSet<>();
  private final Set<String> degraded = new TreeSet<>();
  private final PressureMetrics pressure;
  private Optional<Hello> hello = Optional.empty();
  private @Nullable ActorRef<KernelPlane.Command> plane;
  private @Nullable Listeners listeners;

  private NodeGateway(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeLink<ToNode, FromNode> link,
      WarmupPolicy policy,
      Duration renew) {
    super(context);
    this.timers = timers;
    this.link = link;
    this.policy = policy;
    this.renew = renew;
    this.pressure = new PressureMetrics(policy.name());
  }

  /** {@code renew}: how often its plane renews its subscription. */
  static Behavior<Command> create(
      NodeLink<ToNode, FromNode> link, WarmupPolicy policy, Duration renew) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new NodeGateway(context, timers, link, policy, renew)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Order.class,
            order -> {
              link.send(order.message());
              return this;
            })
        .onMessage(Scrape.class, this::onScrape)
        .onMessage(
            AskReport.class,
            ask -> {
              if (!timers.isTimerActive(Gathered.GATHERED)) {
                timers.startSingleTimer(Gathered.GATHERED, GATHER);
              }
              return this;
            })
        .onMessage(
            Gathered.class,
            gathered -> {
              link.send(ToNode.newBuilder().setReport(Report.newBuilder()).build());
              return this;
            })
        .onMessage(
            Look.class,
            look -> {
              look.replyTo().tell(hello);
              return this;
            })
        .onMessage(
            Listen.class,
            listen -> {
              listeners = listen.listeners();
              ActorRef<Command> self = getContext().getSelf();
              link.listen(message -> self.tell(new Heard(message)));
              return this;
            })
        .onMessage(Heard.class, this::onHeard)
        .build();
  }

  private Behavior<Command> onScrape(Scrape scrape) {
    var off = new HashSet<>(scraped);
    off.removeAll(scrape.pods());
    off.forEach(pod -> scraping(pod, false));
    scrape.pods().forEach(pod -> scraping(pod, true));
    scraped.clear();
    scraped.addAll(scrape.pods());
    return this;
  }

  private void scraping(PodUid pod, boolean on) {
    link.send(
        ToNode.newBuilder()
            .setSetScraping(SetScraping.newBuilder().setPodUid(pod.value()).setOn(on))
            .build());
  }

  private Behavior<Command> onHeard(Heard heard) {
    if (listeners == null) {
      return this;
    }
    FromNode message = heard.message();
    switch (message.getMessageCase()) {
      case HELLO -> greeted(message.getHello(), listeners);
      case PROCESS_STARTED -> {
        source(listeners, message);
        pod(listeners, message.getProcessStarted().getStart(), message);
      }
      case PROCESS_FAILED -> {
        source(listeners, message);
        pod(listeners, new PodUid(message.getProcessFailed().getPodUid()), message);
      }
      case PROCESS_EXITED -> {
        pod(listeners, message.getProcessExited().getStart(), message);
        source(listeners, message);
      }
      case ADOPTION_DONE -> source(listeners, message);
      case SIGNAL -> {
        pod(listeners, message.getSignal().getStart(), message);
        source(listeners, message);
      }
      case PROBE_REPORT -> pod(listeners, message.getProbeReport().getStart(), message);
      case WARMUP_REPORT -> pod(listeners, message.getWarmupReport().getStart(), message);
      case COUNTERS_REPORT -> counted(listeners, message.getCountersReport());
      case PRESSURE_REPORT -> pressed(listeners, message.getPressureReport());
      case TABLE_APPLIED, TABLE_REFUSED, PICKS_REPORT -> {
        if (plane != null) {
          plane.tell(new KernelPlane.Heard(message));
        }
      }
      case DEGRADED ->
          degraded(listeners, message.getDegraded().getWhat(), message.getDegraded().getWhy());
      case MESSAGE_NOT_SET -> {
        // something a later node says
      }
    }
    return this;
  }

  private void greeted(Hello said, Listeners to) {
    boolean first = hello.isEmpty();
    hello = Optional.of(said);
    to.feed().tell(new Feed.ClockOffset(said.getWallOffsetNanos()));
    if (first) {
      plane =
          getContext()
              .spawn(
                  KernelPlane.create(
                      "kernel:" + said.getNode(),
                      policy,
                      renew,
                      to.workload(),
                      getContext().getSelf()),
                  "kernel-plane");
      said.getMissingList().forEach(sentence -> degraded(to, "node", sentence));
    }
  }

  private void degraded(Listeners to, String what, String why) {
    if (degraded.add(what + "\n" + why)) {
      getContext().getLog().warn("degraded what={} why={}", what, why);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("what", what);
      fields.put("why", why);
      to.feed().tell(new Feed.Said("degraded", fields));
    }
  }

  private static void source(Listeners to, FromNode message) {
    to.source().tell(new LocalPods.NodeSaid(message));
  }

  private static void pod(Listeners to, StartRef start, FromNode message) {
    pod(to, new PodUid(start.getPodUid()), message);
  }

  private static void pod(Listeners to, PodUid uid, FromNode message) {
    to.pods().apply(uid).tell(new PodActor.Hear(new PodInput.NodeSaid(message)));
  }

  private void counted(Listeners to, CountersReport said) {
    if (said.getBucketsCount() > 0) { // the histogram lacks the policy's: nothing of it is used
      degraded(to, "metrics", wrongBucket(said));
    }
    to.workload().tell(new WorkloadActor.Say(sampled(said)));
  }

  private static String wrongBucket(CountersReport said) {
    return said.getError().isEmpty()
        ? "slowAfter is no bucket of the histogram (it has: " + said.getBucketsList() + ")"
        : said.getError();
  }

  private void pressed(Listeners to, PressureReport said) {
    pressure.reported(hello.map(Hello::getNode).orElse(""), said);
    PressureReports.strained(said)
        .forEach(strained -> to.workload().tell(new WorkloadActor.Say(strained)));
  }

  private static Input.Sampled sampled(CountersReport said) {
    List<Double> buckets = said.getBucketsList();
    String trouble = said.getOk() && !buckets.isEmpty() ? wrongBucket(said) : said.getError();
    Optional<Counters> counters =
        said.getOk() && buckets.isEmpty()
            ? Optional.of(
                new Counters(
                    said.getRequests(),
                    said.getErrors(),
                    said.getLatencyCount(),
                    said.getLatencyWithin()))
            : Optional.empty();
    return new Input.Sampled(
        new PodUid(said.getStart().getPodUid()),
        new StartId(said.getStart().getStartId()),
        said.getAtNanos(),
        counters,
        trouble);
  }
}
