package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.RunTimes.Used;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class RunTimesIT {
  private final Pins pins =
      new Pins(Path.of("/sys/fs/bpf/thaw-test-times-" + ProcessHandle.current().pid()));

  @Test
  void runsOfTheProgramsPinnedHereAreCountedByName() throws Exception {
    try (var watch = StartupWatch.open(pins);
        var times = RunTimes.count()) {
      Map<String, Used> before = times.of(pins);

      new ServerSocket(0, 1, InetAddress.getLoopbackAddress()).close();
      Map<String, Used> after = times.of(pins);

      assertThat(watch.lost()).isZero();
      assertThat(after).containsKeys("on_exec", "on_exit", "on_listener");
      assertThat(after.get("on_listener").runs()).isGreaterThan(before.get("on_listener").runs());
      assertThat(after.get("on_listener").nanos()).isGreaterThan(before.get("on_listener").nanos());
    } finally {
      pins.removeAll();
    }
  }

  @Test
  void whereNothingIsPinnedNothingHasRun() {
    try (var times = RunTimes.count()) {
      assertThat(times.of(pins)).isEmpty();
    }
  }
}
