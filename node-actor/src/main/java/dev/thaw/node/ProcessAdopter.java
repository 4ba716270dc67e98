package dev.thaw.node;

import dev.thaw.bpf.os.Pidfd;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Finds what a predecessor of this node started and left running: the very process of the register,
 * never another that got its pid. Any thread.
 */
final class ProcessAdopter {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private final PodGroups groups;
  private final ProcessEnds ends;
  private final String bootId;

  ProcessAdopter(PodGroups groups, ProcessEnds ends, String bootId) {
    this.groups = groups;
    this.ends = ends;
    this.bootId = bootId;
  }

  /** What has become of a pod's process. */
  sealed interface Adoption {}

  /** It runs; {@code descriptor} holds it and is the taker's to close. */
  record Found(LocalProcess process, Pidfd descriptor) implements Adoption {

    /** Complete, on a thread of its own, when the process has ended. To be asked for once. */
    CompletionStage<Void> ended() {
      var ended = new CompletableFuture<Void>();
      var waiter =
          new Thread(
              () -> {
                try (descriptor) {
                  while (!descriptor.awaitExit(WAIT)) {
                    continue;
                  }
                }
                ended.complete(null);
              },
              "thaw-adopted-" + process.pod().getPodName());
      waiter.setDaemon(true);
      waiter.start();
      return ended;
    }
  }

  /**
   * It died while nobody looked. The register has forgotten it, whoever it left in the pod's group
   * is ended, and the node has been told what the kernel says of it.
   */
  record Died(LocalProcess process, ProcessExited how) implements Adoption {}

  /**
   * It was never started, or in an earlier boot: its start has no id. A process in the pod's group,
   * whose start nobody lived to write down, is ended.
   */
  record Unknown(StartRef start) implements Adoption {}

  /**
   * Looks for the processes of all these pods.
   *
   * @param told of each, on any thread
   * @return how many run, once all have been told of
   */
  CompletionStage<Integer> adoptAll(List<TrackPod> pods, Consumer<Adoption> told) {
    CompletionStage<Integer> all = CompletableFuture.completedStage(0);
    for (TrackPod pod : pods) {
      CompletionStage<Integer> one =
          adopt(pod)
              .thenApply(
                  adoption -> {
                    told.accept(adoption);
                    return adoption instanceof Found ? 1 : 0;
                  });
      all = all.thenCombine(one, Integer::sum);
    }
    return all;
  }

  /** Looks for the process that the register names for this pod. */
  CompletionStage<Adoption> adopt(TrackPod pod) {
    return CompletableFuture.supplyAsync(() -> find(pod), ends.blocking())
        .thenCompose(known -> known.map(this::adopt).orElseGet(() -> unknown(pod)));
  }

  private Optional<LocalProcess> find(TrackPod pod) {
    return ends.register()
        .get(pod.getPodUid())
        .filter(known -> known.bootId().equals(bootId))
        .map(known -> new LocalProcess(pod, known, groups.of(pod.getPodName()), true));
  }

  private CompletionStage<Adoption> adopt(LocalProcess process) {
    return alive(process.entry())
        .<CompletionStage<Adoption>>map(
            descriptor -> CompletableFuture.completedStage(new Found(process, descriptor)))
        .orElseGet(() -> ends.of(process).thenApply(how -> new Died(process, how)));
  }

  /** A dead process that nobody has waited for has a descriptor all the same. */
  private static Optional<Pidfd> alive(ProcessRegister.Entry entry) {
    Optional<Pidfd> descriptor = Pidfd.open(entry.pid(), entry.startTicks());
    if (descriptor.isPresent() && descriptor.get().awaitExit(Duration.ZERO)) {
      descriptor.get().close();
      return Optional.empty();
    }
    return descriptor;
  }

  private CompletionStage<Adoption> unknown(TrackPod pod) {
    return ends.clear(pod.getPodUid(), groups.of(pod.getPodName()))
        .thenApply(
            cleared -> new Unknown(StartRef.newBuilder().setPodUid(pod.getPodUid()).build()));
  }
}
