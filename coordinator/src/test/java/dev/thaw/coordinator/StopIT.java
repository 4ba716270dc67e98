package dev.thaw.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.coordinator.feed.FeedEvent;
import dev.thaw.coordinator.local.LocalPods;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a whole coordinator whose node's processes do not end. */
class StopIT {
  @TempDir Path folder;

  @Test
  void whoStillRunsWhenPatienceIsOverIsNamed() throws Exception {
    BlockingQueue<FeedEvent> events = new LinkedBlockingQueue<>();
    RunningCoordinator running = RunningCoordinator.in(folder, events::add);
    running.node().awaitStarted(Policies.blind().name() + "-1");
    running.node().stubborn();

    List<LocalPods.StillRunning> left =
        running.runtime().stop().toCompletableFuture().get(40, TimeUnit.SECONDS);

    assertThat(left).extracting(LocalPods.StillRunning::pid).containsExactly(1, 2);
    assertThat(left)
        .extracting(each -> each.pod().value())
        .containsExactly(Policies.blind().name() + "-0", Policies.blind().name() + "-1");
    running.node().close();
  }
}
