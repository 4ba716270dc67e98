package dev.thaw.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.api.AdminApi;
import dev.thaw.coordinator.api.Views;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.feed.FeedEvent;
import dev.thaw.coordinator.gate.GateReader;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.local.LocalRun;
import dev.thaw.coordinator.metrics.Metrics;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.node.NodeOrders;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.traffic.KernelPlane;
import dev.thaw.coordinator.workload.JournalHealth;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.Phase;
import dev.thaw.coordinator.workload.PodWords;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.persistence.JournalProfile;
import dev.thaw.persistence.JournalReader;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.DropService;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ToNode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;

/**
 * A coordinator in this process: a cluster of one on loopback with its own actor system, for one
 * policy whose pods are processes of this machine. Any thread.
 */
public final class CoordinatorRuntime {
  /** Beyond the time that processes have to end. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  /** Beyond all that: an answer comes even when processes are left. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<Void> system;
  private final Metrics metrics;
  private final ActorRef<Feed.Command> feed;
  private final ActorRef<LocalPods.Command> pods;
  private final NodeLink<ToNode, FromNode> link;
  private final WarmupPolicy policy;
  private final Tuning tuning;
  private final CompletableFuture<Boolean> allGone;
  private final CompletionStage<ServerBinding> binding;

  private record Wired(
      ActorRef<Feed.Command> feed,
      ActorRef<LocalPods.Command> pods,
      ActorRef<NodeGateway.Command> gateway,
      EntityRef<WorkloadActor.Command> workload) {}

  private CoordinatorRuntime(
      CoordinatorSettings settings,
      WarmupPolicy policy,
      LocalRun run,
      NodeLink<ToNode, FromNode> link,
      Consumer<FeedEvent> follower) {
    this.policy = policy;
    this.link = link;
    this.tuning = settings.tuning();
    this.allGone = new CompletableFuture<>();
    Config config =
        JournalProfile.h2(settings.journal(), tuning.journal())
            .withFallback(ConfigFactory.load("thaw-coordinator"));
    var journal = new JournalHealth(settings.journal());
    var wired = new CompletableFuture<Wired>();
    var started = new CompletableFuture<Metrics>();
    system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  Metrics measures = started.join();
                  ActorRef<Feed.Command> lines = context.spawn(Feed.create(tuning.feed()), "feed");
                  lines.tell(new Feed.Follow(follower, follower));
                  ActorRef<NodeGateway.Command> gateway =
                      context.spawn(NodeGateway.create(link), "node-gateway");
                  ClusterSharding sharding = ClusterSharding.get(context.getSystem());
                  Function<PodUid, EntityRef<PodActor.Command>> podOf =
                      uid -> sharding.entityRefFor(PodActor.KEY, uid.value());
                  var workload =
                      entities(sharding, measures, journal, policy, tuning, gateway, lines, podOf);
                  ActorRef<LocalPods.Command> source =
                      context.spawn(
                          LocalPods.create(
                              policy,
                              run,
                              tuning.local(),
                              tuning.restart(),
                              new LocalPods.Colleagues(workload, podOf, gateway, lines),
                              System::nanoTime,
                              allGone),
                          "local-pods");
                  gateway.tell(
                      new NodeGateway.Listen(
                          new Dispatch(
                              policy.name(),
                              new Dispatch.Listeners(
                                  podOf,
                                  workload,
                                  source,
                                  lines,
                                  name -> plane(name, workload, gateway)),
                              measures)));
                  Cluster cluster = Cluster.get(context.getSystem());
                  cluster.manager().tell(Join.create(cluster.selfMember().address()));
                  source.tell(LocalPods.Connected.CONNECTED);
                  wired.complete(new Wired(lines, source, gateway, workload));
                  return Behaviors.empty();
                }),
            "thaw",
            config);
    metrics = new Metrics(system.settings().config(), settings.version());
    started.complete(metrics);
    Wired parts = wired.join();
    feed = parts.feed();
    pods = parts.pods();
    var views =
        new Views(
            system,
            policy,
            parts.workload(),
            uid -> ClusterSharding.get(system).entityRefFor(PodActor.KEY, uid.value()),
            parts.pods(),
            parts.gateway(),
            parts.feed(),
            JournalReader.of(system),
            tuning.admin());
    var api =
        new AdminApi(
            system,
            policy,
            settings.token(),
            parts.workload(),
            parts.pods(),
            feed,
            views,
            metrics,
            journal,
            tuning.admin(),
            tuning.feed());
    binding = Http.get(system).newServerAt("127.0.0.1", settings.adminPort()).bind(api.route());
  }

  /**
   * Starts it. Processes are started at once, without waiting for the journal.
   *
   * @param follower hears every event, on an actor's thread: it must only hand it on
   * @throws RuntimeException if the actor system cannot start
   */
  public static CoordinatorRuntime start(
      CoordinatorSettings settings,
      WarmupPolicy policy,
      LocalRun run,
      NodeLink<ToNode, FromNode> link,
      Consumer<FeedEvent> follower) {
    return new CoordinatorRuntime(settings, policy, run, link, follower);
  }

  private static EntityRef<WorkloadActor.Command> entities(
      ClusterSharding sharding,
      Metrics metrics,
      JournalHealth journal,
      WarmupPolicy policy,
      Tuning tuning,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed,
      Function<PodUid, EntityRef<PodActor.Command>> podOf) {
    Supplier<Moment> clock = () -> new Moment(System.nanoTime(), Instant.now());
    EntityRef<WorkloadActor.Command> workload =
        workload(sharding, metrics, journal, policy, tuning, gateway, feed, podOf, clock);
    sharding.init(
        Entity.of(
            PodActor.KEY,
            entity ->
                PodActor.create(
                    new PodUid(entity.getEntityId()),
                    policy,
                    new PodActor.Colleagues(workload, gateway, feed),
                    clock)));
    return workload;
  }

  /** The admin API's address; fails if its port is taken. */
  public CompletionStage<URI> adminUri() {
    return binding.thenApply(
        bound -> {
          InetSocketAddress address = bound.localAddress();
          return URI.create("http://127.0.0.1:" + address.getPort());
        });
  }

  /** Puts a line about no pod into the feed. */
  public void say(String event, Map<String, Object> fields) {
    feed.tell(new Feed.Said(event, fields));
  }

  /** Complete when no pod is left without anybody having asked for it: whether all ended with 0. */
  public CompletionStage<Boolean> whenAllGone() {
    return allGone;
  }

  /** Complete when its actor system has ended, whoever wanted that. */
  public CompletionStage<Done> whenEnded() {
    return system.getWhenTerminated();
  }

  /**
   * Ends all processes at once: a {@link #stop} that is under way is over as soon as they are dead.
   */
  public void kill() {
    pods.tell(LocalPods.Kill.KILL);
  }

  /**
   * Ends all processes (SIGTERM, the grace of {@link Tuning#local}, SIGKILL), stops balancing, ends
   * the actor system.
   *
   * @return those whose end nobody has told of in time: they run on. Fails when not even that is
   *     known
   */
  public CompletionStage<List<LocalPods.StillRunning>> stop() {
    Duration patience = tuning.local().grace().plus(STOP_PATIENCE);
    CompletionStage<LocalPods.Stopped> stopped =
        AskPattern.ask(
            pods,
            replyTo -> new LocalPods.Stop(patience, replyTo),
            patience.plus(ANSWER_PATIENCE),
            system.scheduler());
    return stopped
        .handle((answer, thrown) -> ended())
        .thenCompose(done -> done)
        .thenCombine(stopped, (done, answer) -> answer.left());
  }

  private CompletionStage<Done> ended() {
    link.send(
        ToNode.newBuilder()
            .setDropService(DropService.newBuilder().setWorkload(policy.name()))
            .build());
    return terminate();
  }

  /** Ends the actor system alone; processes and balancing go on. */
  public CompletionStage<Done> terminate() {
    metrics.close();
    system.terminate();
    return system.getWhenTerminated();
  }

  private Behavior<KernelPlane.Command> plane(
      String name,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<NodeGateway.Command> gateway) {
    return KernelPlane.create(name, policy, tuning.writer().renew(), workload, gateway);
  }

  private static PodWords words(Function<PodUid, EntityRef<PodActor.Command>> podOf) {
    return new PodWords() {
      @Override
      public void assigned(PodUid pod, StartId start, Phase phase, int weight) {
        podOf.apply(pod).tell(new PodActor.Hear(new PodInput.Assigned(start, phase, weight)));
      }

      @Override
      public void factsAsked(PodUid pod) {
        podOf.apply(pod).tell(new PodActor.Hear(new PodInput.FactsAsked()));
      }
    };
  }

  private static EntityRef<WorkloadActor.Command> workload(
      ClusterSharding sharding,
      Metrics metrics,
      JournalHealth journal,
      WarmupPolicy policy,
      Tuning tuning,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed,
      Function<PodUid, EntityRef<PodActor.Command>> podOf,
      Supplier<Moment> clock) {
    var gates =
        new GateReader(
            policy.metrics().flatMap(WarmupPolicy.Metrics::prometheus),
            policy.birth().gateDefaults().interval(),
            tuning.prometheus(),
            Clock.systemUTC());
    sharding.init(
        Entity.of(
            WorkloadActor.KEY,
            entity ->
                WorkloadActor.create(
                    policy,
                    tuning.writer(),
                    new WorkloadActor.Colleagues(
                        words(podOf),
                        gateway,
                        feed,
                        gates,
                        pod -> NodeOrders.metricsPage(policy, pod),
                        metrics,
                        journal),
                    clock)));
    return sharding.entityRefFor(WorkloadActor.KEY, policy.workload().value());
  }
}
