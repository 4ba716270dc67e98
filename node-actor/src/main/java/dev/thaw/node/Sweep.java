package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.Members;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Ends all who run in a pod's control group, whoever started them, and sees them gone. In steps
 * that wait for nobody: whoever is dying is looked at again a little later.
 */
final class Sweep {
  private static final long AGAIN_MILLIS = 5;

  /**
   * A second in all. Whoever forks while he is being killed is found in the next; who waits for a
   * dead disk cannot be ended, and nobody waits long for him.
   */
  private static final int STEPS = 200;

  private Sweep() {}

  /**
   * Complete when nobody runs there any more, or somebody cannot be ended.
   *
   * @param blocking where the steps run: files are read
   */
  static CompletionStage<Void> through(Cgroup group, Executor blocking) {
    return step(group, blocking, blocking, 1);
  }

  private static CompletionStage<Void> step(
      Cgroup group, Executor now, Executor blocking, int number) {
    return CompletableFuture.supplyAsync(() -> Members.kill(group), now)
        .thenCompose(
            all ->
                all || number == STEPS
                    ? CompletableFuture.completedStage(null)
                    : step(group, later(blocking), blocking, number + 1));
  }

  private static Executor later(Executor blocking) {
    return CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS, blocking);
  }
}
