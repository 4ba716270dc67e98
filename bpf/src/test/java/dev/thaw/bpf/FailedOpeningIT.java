package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What cannot be opened to the end leaves nothing open. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class FailedOpeningIT {
  private final Pins pins =
      new Pins(Path.of("/sys/fs/bpf/thaw-test-failed-" + ProcessHandle.current().pid()));

  @AfterEach
  void remove() {
    pins.removeAll();
  }

  @Test
  void aWatchWhoseRingCannotBeReadIsClosed() throws IOException {
    StartupWatch.open(pins).close();
    try (var ring = BpfMap.pinned(pins, "startup_events", 0, 0)) {
      LibBpf.bpf_map_freeze(ring.fd()); // it cannot be mapped for writing any more
    }
    long before = held();

    assertThatThrownBy(() -> StartupWatch.open(pins))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("the ring buffer of");

    assertThat(held()).isEqualTo(before);
  }

  @Test
  void aProfileWithoutItsMapsIsClosed() throws IOException {
    long before = held();

    assertThatThrownBy(
            () -> StartProfile.of(BpfObject.open("pressure.bpf.o").load(), BpfMap.buffer(24)))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("has no map profile_target");

    assertThat(held()).isEqualTo(before);
  }

  @Test
  void aPerfEventThatNoProgramSitsOnIsClosed() {
    try (var object = BpfObject.open("pressure.bpf.o").load()) {
      int event = PerfEvents.cpuClock(0, 99);

      assertThatThrownBy(() -> object.attachPerfEvent("on_retransmit", event))
          .isInstanceOf(BpfException.class);

      assertThat(Path.of("/proc/self/fd/" + event)).doesNotExist();
    }
  }

  /** Descriptors of programs, maps, links and rings. */
  private static long held() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(FailedOpeningIT::isOfTheKernel).count();
    }
  }

  private static boolean isOfTheKernel(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.contains("bpf") || target.contains("perf_event");
    } catch (IOException e) {
      return false; // that of the listing itself
    }
  }
}
