package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.v1.ProcessExited;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes before a process's end is told: whom it left in its group is gone, and the register
 * has forgotten it. Any thread.
 *
 * @param blocking where the machine is asked
 * @param kernel asked about those whose status goes to another parent
 */
record ProcessEnds(ProcessRegister register, Executor blocking, KernelsWord kernel) {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessEnds.class);

  /** How a process that was started has ended, once it may be told. */
  CompletionStage<ProcessExited> of(ProcessStarter.Started started) {
    LocalProcess process = started.process();
    return started
        .status()
        .thenApplyAsync(status -> LastWords.of(process, status, Clocks.monotonicNanos()), blocking)
        .thenCompose(how -> cleared(process, how));
  }

  /** How one that was taken over has ended, once it may be told. */
  CompletionStage<ProcessExited> of(ProcessAdopter.Found found) {
    LocalProcess process = found.process();
    return found
        .ended()
        .thenApplyAsync(ended -> LastWords.unknown(process, Clocks.monotonicNanos()), blocking)
        .thenCompose(how -> cleared(process, how))
        .thenCompose(how -> kernel.heard().thenApply(heard -> how));
  }

  /** How one has ended that a predecessor started and did not outlive, once it may be told. */
  CompletionStage<ProcessExited> of(LocalProcess died) {
    return CompletableFuture.supplyAsync(
            () -> LastWords.unknown(died, Clocks.monotonicNanos()), blocking)
        .thenCompose(how -> cleared(died, how))
        .thenCompose(how -> kernel.remembered(died.group()).thenApply(told -> how));
  }

  private CompletionStage<ProcessExited> cleared(LocalProcess process, ProcessExited how) {
    return clear(process.podUid(), process.cgroup()).thenApply(cleared -> how);
  }

  /** Complete when that is done, or cannot be done, which stands in the log. */
  CompletionStage<Void> clear(String podUid, Optional<Cgroup> group) {
    return swept(group)
        .thenRunAsync(() -> register.remove(podUid), blocking)
        .exceptionally(
            thrown -> {
              LOG.warn(
                  "not all of a process was cleared away uid={} why={}",
                  podUid,
                  Causes.sentence(thrown));
              return null;
            });
  }

  /** Complete when nobody runs in the group any more, or somebody cannot be ended. */
  CompletionStage<Void> swept(Optional<Cgroup> group) {
    return group
        .map(members -> Sweep.through(members, blocking))
        .orElse(CompletableFuture.completedStage(null));
  }
}
