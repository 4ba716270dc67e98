package dev.thaw.coordinator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PoolReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.WarmupReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmConnectionsTest {
  private final List<String> told = new ArrayList<>();
  private final WarmConnections pools =
      new WarmConnections((pod, warm) -> told.add(pod + " " + warm));

  @Test
  void aPoolIsToldAfterTheWarmupAndWheneverItChanges() {
    warmed("a", 4, 1);
    pooled("a", 2);

    assertThat(told).containsExactly("orders-0.run1 4", "orders-0.run1 2");
  }

  @Test
  void aWarmupWithoutAPoolSaysNothing() {
    warmed("a", 0, 0);

    assertThat(told).isEmpty();
  }

  @Test
  void noConnectionIsWarmOnceTheProcessHasEnded() {
    pooled("a", 2);
    exited("a");

    assertThat(told).containsExactly("orders-0.run1 2", "orders-0.run1 0");
  }

  @Test
  void theEndOfAnEarlierStartThatIsRepeatedLeavesThePoolOfThePresentOne() {
    pooled("a", 2);
    exited("a");
    pooled("b", 5);
    exited("a");

    assertThat(told).endsWith("orders-0.run1 5");
  }

  private void warmed(String start, int warm, int cold) {
    pools.heard(
        FromNode.newBuilder()
            .setWarmupReport(
                WarmupReport.newBuilder()
                    .setStart(ref(start))
                    .setWarmConnections(warm)
                    .setColdConnections(cold))
            .build());
  }

  private void pooled(String start, int warm) {
    pools.heard(
        FromNode.newBuilder()
            .setPoolReport(PoolReport.newBuilder().setStart(ref(start)).setWarmConnections(warm))
            .build());
  }

  private void exited(String start) {
    pools.heard(
        FromNode.newBuilder()
            .setProcessExited(ProcessExited.newBuilder().setStart(ref(start)).setExitCode(0))
            .build());
  }

  private static StartRef ref(String start) {
    return StartRef.newBuilder().setPodUid("orders-0.run1").setStartId(start).build();
  }
}
