package dev.thaw.app;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.CoordinatorRuntime;
import dev.thaw.coordinator.CoordinatorSettings;
import dev.thaw.coordinator.Tuning;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.local.LocalRun;
import dev.thaw.coordinator.node.NodeOrders;
import dev.thaw.node.FirstStart;
import dev.thaw.node.NodeRuntime;
import dev.thaw.node.NodeSettings;
import dev.thaw.protocol.InProcessLink;
import dev.thaw.protocol.v1.AdoptProcesses;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.ToNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** One coordinator and one node in this process, which share nothing but a link. */
final class LocalThaw {
  /** How long the end may take beyond the time that children have. */
  private static final Duration LONGEST_END = Duration.ofSeconds(15);

  /** What has not ended in order so long after the second Ctrl-C is left. */
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(3);

  private static final int INTERRUPTED = 130;

  private static final Path STARTS = Path.of("/run/thaw");

  /** One of the two has failed: nothing can be ended in order any more. */
  private static final int LOST = -1;

  private final WarmupPolicy policy;
  private final Tuning tuning;
  private final StateFolder folder;
  private final LocalRun run;
  private final int adminPort;
  private final @Nullable Path cover;
  private final FirstStart firstStart;
  private final Progress progress;

  LocalThaw(
      WarmupPolicy policy,
      Tuning tuning,
      StateFolder folder,
      LocalRun run,
      int adminPort,
      @Nullable Path cover,
      FirstStart firstStart,
      Progress progress) {
    this.policy = policy;
    this.tuning = tuning;
    this.folder = folder;
    this.run = run;
    this.adminPort = adminPort;
    this.cover = cover;
    this.firstStart = firstStart;
    this.progress = progress;
  }

  /** Runs until nothing is left to run or somebody asks for the end; the exit code. */
  int run() {
    var over = new CompletableFuture<Integer>();
    var atOnce = new CompletableFuture<Void>();
    var signals = new Signals(() -> over.complete(0), () -> atOnce.complete(null));
    LoggerFactory.getILoggerFactory(); // before two systems find it half made
    InProcessLink.Pair link = InProcessLink.pair();
    NodeRuntime node =
        NodeRuntime.start(settings(policy, folder, cover, firstStart), link.nodeEnd());
    CoordinatorRuntime coordinator =
        CoordinatorRuntime.start(
            new CoordinatorSettings(
                folder.journal(), adminPort, folder.token(), Version.current(), tuning),
            policy,
            run,
            link.coordinatorEnd(),
            progress::show);
    coordinator.whenAllGone().thenAccept(zero -> over.complete(zero ? 0 : 1));
    coordinator
        .adminUri()
        .whenComplete(
            (uri, thrown) -> {
              if (thrown == null) {
                serving(coordinator, uri);
              } else {
                System.err.println("thaw: the admin API cannot be served: " + thrown.getMessage());
                over.complete(Main.REFUSED);
              }
            });
    node.whenEnded().thenRun(() -> over.complete(LOST));
    coordinator.whenEnded().thenRun(() -> over.complete(LOST));
    int code = over.join();
    signals.ending();
    if (code == LOST) {
      return lost(node, coordinator);
    }
    atOnce.thenRun(
        () -> {
          CompletableFuture.delayedExecutor(KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
              .execute(() -> Runtime.getRuntime().halt(INTERRUPTED));
          coordinator.kill();
        });
    Duration longest = tuning.local().grace().plus(LONGEST_END);
    Optional<List<LocalPods.StillRunning>> left =
        awaited(coordinator.stop().toCompletableFuture(), longest, "the coordinator");
    if (left.filter(List::isEmpty).isEmpty()) {
      return leftBehind(node, left.orElse(List.of()));
    }
    await(node.stop(NodeRuntime.StopMode.CLEAN).toCompletableFuture(), longest, "the node");
    removeStartsFolder(policy);
    folder.ended();
    return atOnce.isDone() ? INTERRUPTED : code;
  }

  /** As after a kill: replicas and balancing go on, and whoever comes may adopt them. */
  private int lost(NodeRuntime node, CoordinatorRuntime coordinator) {
    System.err.printf(
        "thaw: a part of Thaw has failed (see %s); the replicas run on as they are: go on with them by --adopt, or end them by --cleanup%n",
        folder.logs().resolve("thaw.log"));
    await(coordinator.terminate().toCompletableFuture(), LONGEST_END, "the coordinator");
    if (!node.whenEnded().toCompletableFuture().isDone()) {
      await(node.stop(NodeRuntime.StopMode.KEEP).toCompletableFuture(), LONGEST_END, "the node");
    }
    return Main.REFUSED;
  }

  /** What runs on is not forgotten: all that a successor needs stays, as after a kill. */
  private int leftBehind(NodeRuntime node, List<LocalPods.StillRunning> left) {
    System.err.printf(
        "thaw: not all replicas have ended%s: go on with them by --adopt, or end them by --cleanup (state: %s)%n",
        words(left), folder.path());
    await(node.stop(NodeRuntime.StopMode.KEEP).toCompletableFuture(), LONGEST_END, "the node");
    return Main.REFUSED;
  }

  static String words(List<LocalPods.StillRunning> left) {
    return left.isEmpty()
        ? ""
        : left.stream()
            .map(
                each ->
                    each.pid() == 0 ? each.pod().value() : each.pod() + " (pid " + each.pid() + ")")
            .collect(Collectors.joining(", ", ", still running: ", ""));
  }

  private void serving(CoordinatorRuntime coordinator, URI uri) {
    folder.admin(uri);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("state", folder.path().toString());
    fields.put("admin", uri.toString());
    fields.put("service", policy.service().toString());
    coordinator.say("started", fields);
  }

  /** Ends the processes of a killed run and removes what it left in the kernel. */
  static void cleanUp(
      WarmupPolicy policy,
      Tuning tuning,
      StateFolder folder,
      StateFolder.Run killed,
      @Nullable Path cover) {
    InProcessLink.Pair link = InProcessLink.pair();
    Set<String> alive = ConcurrentHashMap.newKeySet();
    var done = new CompletableFuture<Done>();
    var order = AdoptProcesses.newBuilder();
    for (LocalRun.Adopted pod : killed.pods()) {
      alive.add(pod.uid().value());
      order.addPods(NodeOrders.track(policy, pod.uid(), pod.name(), pod.endpoint()));
    }
    link.coordinatorEnd()
        .listen(
            message -> {
              if (message.hasProcessStarted()) {
                link.coordinatorEnd()
                    .send(
                        ToNode.newBuilder()
                            .setEndProcess(
                                EndProcess.newBuilder()
                                    .setPodUid(message.getProcessStarted().getStart().getPodUid())
                                    .setGraceNanos(tuning.local().grace().toNanos()))
                            .build());
              } else if (message.hasProcessExited()) {
                alive.remove(message.getProcessExited().getStart().getPodUid());
                if (alive.isEmpty()) {
                  done.complete(Done.getInstance());
                }
              } else if (message.hasAdoptionDone() && message.getAdoptionDone().getAdopted() == 0) {
                done.complete(Done.getInstance());
              }
            });
    NodeRuntime node =
        NodeRuntime.start(settings(policy, folder, cover, FirstStart.MISS), link.nodeEnd());
    link.coordinatorEnd().send(ToNode.newBuilder().setAdoptProcesses(order).build());
    Duration longest = tuning.local().grace().plus(LONGEST_END);
    boolean ended = await(done, longest, "what a killed run left");
    await(node.stop(NodeRuntime.StopMode.CLEAN).toCompletableFuture(), longest, "the node");
    removeStartsFolder(policy);
    if (!ended) {
      throw Refusal.now("replicas of the killed run still run; --cleanup may be tried again");
    }
    folder.ended();
  }

  private static NodeSettings settings(
      WarmupPolicy policy, StateFolder folder, @Nullable Path cover, FirstStart firstStart) {
    return new NodeSettings(
        "local",
        folder.path(),
        Path.of("/sys/fs/bpf/thaw", policy.name()),
        Optional.ofNullable(cover),
        "thaw/" + policy.name(),
        firstStart,
        startsFolder(policy).orElse(folder.path()).resolve("starts.sock"));
  }

  /** Where everybody on the machine can subscribe; without root's rights only its owner can. */
  private static Optional<Path> startsFolder(WarmupPolicy policy) {
    return StateFolder.isRoot() ? Optional.of(STARTS.resolve(policy.name())) : Optional.empty();
  }

  /** The folder of the socket and its parent, unless another run's is in there. */
  private static void removeStartsFolder(WarmupPolicy policy) {
    startsFolder(policy)
        .filter(folder -> folder.toFile().delete() && !STARTS.toFile().delete())
        .ifPresent(gone -> LoggerFactory.getLogger(LocalThaw.class).debug("other runs are alive"));
  }

  /** Whether it ended in time. */
  private static boolean await(CompletableFuture<Done> end, Duration longest, String what) {
    return awaited(end, longest, what).isPresent();
  }

  /** What it ended with; empty, which is said, when it did not end in time and in order. */
  private static <T> Optional<T> awaited(CompletableFuture<T> end, Duration longest, String what) {
    try {
      return Optional.of(end.get(longest.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      System.err.println("thaw: " + what + " did not end in order: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }
}
