package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Listeners;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.TrackPod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The way to a running process: a group, then the kernel's watch on it and marks on the image, then
 * the process. Any thread.
 *
 * @param ends where the machine is asked, and whom a failed start leaves is ended
 * @param expecting told the pod's group before a process exists in it
 */
record ProcessLaunch(
    PodGroups groups,
    ProcessStarter starter,
    ProcessEnds ends,
    ActorRef<KernelWatch.Command> kernel,
    BiConsumer<TrackPod, ProcessIndex.Group> expecting,
    ActorSystem<?> system) {
  private static final Duration MARK_PATIENCE = Duration.ofSeconds(10);

  /**
   * A process that runs.
   *
   * @param takenBy who listened on the pod's address already; empty for nobody
   */
  record Launched(ProcessStarter.Started started, String takenBy) {}

  /**
   * Complete when it runs, or with why it does not.
   *
   * @param process when it is to be ended before it exists, it is not started
   */
  CompletionStage<Launched> launch(StartProcess wanted, TrackPod pod, OnItsWay process) {
    return CompletableFuture.supplyAsync(() -> prepare(wanted, pod), ends.blocking())
        .thenCompose(
            group ->
                watched(wanted, group)
                    .thenApplyAsync(marked -> start(wanted, pod, process, group), ends.blocking())
                    .exceptionallyCompose(thrown -> failed(group, thrown)));
  }

  /** Nobody is left for the next start to be taken for. */
  private CompletionStage<Launched> failed(Optional<Cgroup> group, Throwable thrown) {
    return ends.swept(group).thenCompose(swept -> CompletableFuture.failedStage(thrown));
  }

  /** Has a predecessor's process watched, and its image marked for the next start. */
  void watchAgain(LocalProcess process) {
    kernel.tell(new KernelWatch.Watch(process.group(), Optional.empty(), system.ignoreRef()));
    ends.blocking()
        .execute(() -> process.image().ifPresent(path -> kernel.tell(new KernelWatch.Mark(path))));
  }

  private Optional<Cgroup> prepare(StartProcess wanted, TrackPod pod) {
    Optional<Cgroup> group = groups.make(pod.getPodName(), wanted.getCpuLimitMillicores());
    expecting.accept(pod, ProcessIndex.Group.of(group));
    return group;
  }

  private CompletionStage<Done> watched(StartProcess wanted, Optional<Cgroup> group) {
    return AskPattern.ask(
        kernel,
        replyTo ->
            new KernelWatch.Watch(
                ProcessIndex.Group.of(group),
                Optional.of(Path.of(wanted.getCommand(0))).filter(Path::isAbsolute),
                replyTo),
        MARK_PATIENCE,
        system.scheduler());
  }

  private Launched start(
      StartProcess wanted, TrackPod pod, OnItsWay process, Optional<Cgroup> group) {
    if (process.ending().isPresent()) {
      throw new CancellationException("its end was asked for before it was started");
    }
    String takenBy = Listeners.holder(Addresses.socket(pod.getAddress())).orElse("");
    return new Launched(starter.start(wanted, pod, group), takenBy);
  }
}
