package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepsTest {
  private static final int MAIN = 7;

  private final Steps steps = new Steps(MAIN);

  @Test
  void theStepsOfAnOrdinaryStartAreAllTold() {
    for (var kind : List.of(Signal.Kind.EXEC, Signal.Kind.EXEC, Signal.Kind.RUNTIME_MAIN)) {
      assertThat(steps.next(step(kind, MAIN, 1))).hasSize(1);
    }
    assertThat(steps.next(listen(MAIN))).hasSize(1);
    assertThat(steps.next(step(Signal.Kind.SERVE, MAIN, 2))).hasSize(1);
  }

  @Test
  void ofAThousandHelpersTheFirstAreToldAndTheListenersOwnLastSteps() {
    int told = 0;
    for (int pid = 100; pid < 1100; pid++) {
      told += steps.next(step(Signal.Kind.EXEC, pid, pid)).size();
    }
    steps.next(step(Signal.Kind.EXEC, MAIN, 2000));
    steps.next(step(Signal.Kind.EXEC, MAIN, 2001));
    steps.next(step(Signal.Kind.MAIN_MAIN, MAIN, 2002));

    List<Signal> now = steps.next(listen(MAIN));

    assertThat(told).isEqualTo(Steps.TOLD);
    assertThat(now)
        .containsExactly(
            step(Signal.Kind.EXEC, MAIN, 2001),
            step(Signal.Kind.MAIN_MAIN, MAIN, 2002),
            listen(MAIN));
  }

  @Test
  void whereNobodySaysWhoListensItIsTheMainProcess() {
    for (int at = 0; at <= Steps.TOLD; at++) {
      steps.next(step(Signal.Kind.EXEC, MAIN, at));
    }

    assertThat(steps.next(listen(0)))
        .containsExactly(step(Signal.Kind.EXEC, MAIN, Steps.TOLD), listen(0));
  }

  @Test
  void onceItListensAHelpersStepsAreNobodysUnlessItTakesOver() {
    steps.next(listen(MAIN));
    assertThat(steps.next(step(Signal.Kind.EXEC, 100, 1))).isEmpty();
    assertThat(steps.next(step(Signal.Kind.EXEC, 101, 2))).isEmpty();

    assertThat(steps.next(listen(101)))
        .containsExactly(step(Signal.Kind.EXEC, 101, 2), listen(101));
  }

  @Test
  void whatListensNoMoreBeginsAgain() {
    steps.next(listen(MAIN));
    steps.next(listen(MAIN).toBuilder().setKind(Signal.Kind.LISTEN_CLOSED).build());

    assertThat(steps.next(step(Signal.Kind.EXEC, 100, 1))).hasSize(1);
  }

  /** Of a start that was told of up to its exec, the ring and the kernel's rows tell the rest. */
  @Test
  void whatIsReadAgainIsHeldOnce() {
    steps.next(listen(MAIN));
    for (int reading = 0; reading < 2; reading++) {
      steps.next(step(Signal.Kind.RUNTIME_MAIN, 101, 3));
      steps.next(step(Signal.Kind.MAIN_MAIN, 101, 4));
    }

    assertThat(steps.next(listen(101)))
        .containsExactly(
            step(Signal.Kind.RUNTIME_MAIN, 101, 3),
            step(Signal.Kind.MAIN_MAIN, 101, 4),
            listen(101));
  }

  private static Signal step(Signal.Kind kind, int pid, long at) {
    return Signal.newBuilder().setKind(kind).setPid(pid).setAtNanos(at).build();
  }

  private static Signal listen(int pid) {
    return Signal.newBuilder().setKind(Signal.Kind.LISTEN).setTarget(true).setPid(pid).build();
  }
}
