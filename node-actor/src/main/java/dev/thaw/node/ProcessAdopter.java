package dev.thaw.node;

import dev.thaw.bpf.os.Pidfd;
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
   * It died while nobody looked, or was never started: then its start has no id. The register has
   * forgotten it, and whoever was left in the pod's group is ended: its children, or a process
   * whose start nobody lived to write down.
   */
  record Gone(StartRef start) implements Adoption {}

  /**
   * Looks for the processes of all these pods.
   *
   * @param found told of each that runs, on any thread
   * @param gone told of each other
   * @return how many run, once all have been told of
   */
  CompletionStage<Integer> adoptAll(
      List<TrackPod> pods, Consumer<Found> found, Consumer<Gone> gone) {
    CompletionStage<Integer> all = CompletableFuture.completedStage(0);
    for (TrackPod pod : pods) {
      CompletionStage<Integer> one =
          adopt(pod)
              .thenApply(
                  adoption -> {
                    if (adoption instanceof Found runs) {
                      found.accept(runs);
                      return 1;
                    }
                    gone.accept((Gone) adoption);
                    return 0;
                  });
      all = all.thenCombine(one, Integer::sum);
    }
    return all;
  }

  /** Looks for the process that the register names for this pod. */
  CompletionStage<Adoption> adopt(TrackPod pod) {
    return CompletableFuture.supplyAsync(() -> find(pod), ends.blocking())
        .thenCompose(
            adoption ->
                adoption instanceof Found
                    ? CompletableFuture.completedStage(adoption)
                    : ends.clear(pod.getPodUid(), groups.of(pod.getPodName()))
                        .thenApply(cleared -> adoption));
  }

  private Adoption find(TrackPod pod) {
    Optional<ProcessRegister.Entry> entry =
        ends.register().get(pod.getPodUid()).filter(known -> known.bootId().equals(bootId));
    Optional<Pidfd> descriptor =
        entry.flatMap(known -> Pidfd.open(known.pid(), known.startTicks()));
    if (entry.isEmpty() || descriptor.isEmpty()) {
      return new Gone(
          StartRef.newBuilder()
              .setPodUid(pod.getPodUid())
              .setStartId(entry.map(ProcessRegister.Entry::startId).orElse(""))
              .build());
    }
    return new Found(
        new LocalProcess(pod, entry.get(), groups.of(pod.getPodName()), true), descriptor.get());
  }
}
