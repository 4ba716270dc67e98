package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SleepsTest {

  @ParameterizedTest
  @CsvSource({
    "futex_wait_queue [kernel], a lock or another thread",
    "do_nanosleep [kernel], a timer",
    "ep_poll [kernel], the network or a poll",
    "folio_wait_bit_common [kernel], the disk",
    "do_wait [kernel], a child process",
    "rwsem_down_write_slowpath [kernel], a lock of the kernel",
    "schedule [kernel], something else"
  })
  void aKernelFunctionTellsInWhatAThreadSleeps(String frame, String in) {
    assertThat(Sleeps.in(List.of("entry_SYSCALL_64 [kernel]", frame, "schedule [kernel]")))
        .isEqualTo(in);
  }

  @Test
  void onlyTheMainThreadBetweenRuntimeMainAndMainCounts() {
    Start start =
        Starts.go(160)
            .sleep(7, 1, 4, Sleeps.LOCK) // half of it before runtime.main at 2 ms
            .sleep(7, 50, 60, "the disk")
            .sleep(8, 50, 90, Sleeps.LOCK) // another thread
            .sleep(7, 105, 109, Sleeps.LOCK) // behind main.main at 100 ms
            .ready(90, 104)
            .build();

    assertThat(Sleeps.duringInit(start))
        .containsExactly(Map.entry("the disk", 10 * MS), Map.entry(Sleeps.LOCK, 2 * MS));
    assertThat(Sleeps.readyDuringInit(start)).isEqualTo(10 * MS);
    assertThat(Measures.of(start)).doesNotContainKey(Measures.ASLEEP);
    assertThat(
            Measures.of(Starts.go(160).init("main", 10, 90).sleep(7, 50, 60, Sleeps.LOCK).build()))
        .containsEntry(Measures.ASLEEP, 10 * MS);
  }

  @Test
  void aLockThatHoldsInitUpIsAFindingWithItsFigure() {
    Start start = Starts.go(160).init("main", 10, 90).sleep(7, 50, 70, Sleeps.LOCK).build();

    assertThat(Advice.of(start, Starts.setting(OptionalInt.empty())))
        .anySatisfy(
            item -> {
              assertThat(item.sentence()).contains("slept for 20.0 ms").contains(Sleeps.LOCK);
              assertThat(item.saves()).isEqualTo(20 * MS);
            });
  }

  @Test
  void timeWithoutAProcessorIsNotThePackages() {
    Start start = Starts.go(160).init("example.org/slow", 10, 50).ready(20, 40).build();

    assertThat(Advice.of(start, Starts.setting(OptionalInt.empty())))
        .anySatisfy(
            item -> assertThat(item.sentence()).contains("package example.org/slow takes 30.0 ms"));
  }

  @Test
  void aPackageOfGoItselfCannotBeChanged() {
    Start start = Starts.go(160).init("encoding/gob", 10, 50).build();

    assertThat(Advice.of(start, Starts.setting(OptionalInt.empty())))
        .anySatisfy(
            item -> {
              assertThat(item.sentence()).contains("it comes with Go");
              assertThat(item.saves()).isZero();
            });
  }
}
