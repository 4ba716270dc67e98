package dev.thaw.coordinator;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.metrics.LostEvents;
import dev.thaw.coordinator.metrics.Metrics;
import dev.thaw.coordinator.metrics.PressureMetrics;
import dev.thaw.coordinator.metrics.WarmConnections;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.traffic.KernelPlane;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.StartRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says to each actor what a node says that concerns it. On the gateway's thread alone. */
final class Dispatch implements NodeGateway.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);
  private static final Pattern COUNT = Pattern.compile("[0-9]+");

  /** Who is told what. {@code plane} makes a node's traffic plane. */
  record Listeners(
      Function<PodUid, EntityRef<PodActor.Command>> pods,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<LocalPods.Command> source,
      ActorRef<Feed.Command> feed,
      Function<String, Behavior<KernelPlane.Command>> plane) {}

  private final Listeners to;
  private final PressureMetrics pressure;
  private final LostEvents lost = new LostEvents();
  private final WarmConnections pools;
  private final Set<String> degraded = new TreeSet<>();
  private String node = "";
  private @Nullable ActorRef<KernelPlane.Command> plane;

  Dispatch(String workload, Listeners to, Metrics metrics) {
    this.to = to;
    this.pools = new WarmConnections(metrics::pooled);
    this.pressure = new PressureMetrics(workload);
  }

  @Override
  public void heard(ActorContext<?> context, FromNode message) {
    pools.heard(message);
    switch (message.getMessageCase()) {
      case HELLO -> greeted(context, message.getHello());
      case PROCESS_STARTED -> {
        pod(message.getProcessStarted().getStart(), message);
        source(message); // which may have word for the pod about this very process
      }
      case PROCESS_FAILED -> {
        source(message);
        pod(new PodUid(message.getProcessFailed().getPodUid()), message);
      }
      case PROCESS_EXITED -> {
        pod(message.getProcessExited().getStart(), message);
        source(message);
      }
      case ADOPTION_DONE -> source(message);
      case SIGNAL -> {
        pod(message.getSignal().getStart(), message);
        source(message);
      }
      case PROBE_REPORT -> pod(message.getProbeReport().getStart(), message);
      case WARMUP_REPORT -> pod(message.getWarmupReport().getStart(), message);
      case POOL_REPORT -> pod(message.getPoolReport().getStart(), message);
      case COUNTERS_REPORT -> counted(message.getCountersReport());
      case PRESSURE_REPORT -> pressed(message.getPressureReport());
      case TABLE_APPLIED, TABLE_REFUSED, PICKS_REPORT -> {
        if (plane != null) {
          plane.tell(new KernelPlane.Heard(message));
        }
      }
      case EVENTS_LOST -> lost.told(node, message.getEventsLost().getTotal());
      case DEGRADED -> degraded(message.getDegraded().getWhat(), message.getDegraded().getWhy());
      case MESSAGE_NOT_SET -> {
        // something a later node says
      }
    }
  }

  private void greeted(ActorContext<?> context, Hello said) {
    node = said.getNode();
    to.feed().tell(new Feed.ClockOffset(said.getWallOffsetNanos()));
    if (plane == null) {
      plane = context.spawn(to.plane().apply("kernel:" + node), "kernel-plane");
      said.getMissingList().forEach(sentence -> degraded("node", sentence));
    }
  }

  /** Said once; another count in it makes no other trouble. */
  private void degraded(String what, String why) {
    if (degraded.add(what + "\n" + COUNT.matcher(why).replaceAll("#"))) {
      LOG.warn("degraded what={} why={}", what, why);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("what", what);
      fields.put("why", why);
      to.feed().tell(new Feed.Said("degraded", fields));
    }
  }

  private void source(FromNode message) {
    to.source().tell(new LocalPods.NodeSaid(message));
  }

  private void pod(StartRef start, FromNode message) {
    pod(new PodUid(start.getPodUid()), message);
  }

  private void pod(PodUid uid, FromNode message) {
    to.pods().apply(uid).tell(new PodActor.Hear(new PodInput.NodeSaid(message)));
  }

  private void counted(CountersReport said) {
    if (said.getBucketsCount() > 0) { // the histogram lacks the policy's: nothing of it is used
      degraded("metrics", wrongBucket(said));
    }
    to.workload().tell(new WorkloadActor.Say(sampled(said)));
  }

  private static String wrongBucket(CountersReport said) {
    return said.getError().isEmpty()
        ? "slowAfter is no bucket of the histogram (it has: " + said.getBucketsList() + ")"
        : said.getError();
  }

  private void pressed(PressureReport said) {
    pressure.reported(node, said);
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
