package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.Pins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("root")
@ExtendWith(NeedsKernel.class)
class KernelSignalsIT {
  private final Path folder =
      Path.of("/sys/fs/bpf/thaw-test-signals-" + ProcessHandle.current().pid());

  @Test
  void whatCannotBeOpenedToTheEndIsClosed() throws IOException {
    var pins = new Pins(folder);
    KernelSignals.open(pins, FirstStart.MISS, unstopped -> {}).close();
    Path full = Files.createDirectories(folder.resolve("link_on_exec_stop/full"));
    try {
      long before = held();

      assertThatThrownBy(() -> KernelSignals.open(pins, FirstStart.MISS, unstopped -> {}))
          .isInstanceOf(BpfException.class)
          .hasMessageContaining("link_on_exec_stop");

      assertThat(held()).isEqualTo(before);
    } finally {
      Files.delete(full);
      pins.removeAll();
    }
  }

  /** Descriptors of programs, maps and links. */
  private static long held() throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(KernelSignalsIT::isOfTheKernel).count();
    }
  }

  private static boolean isOfTheKernel(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("bpf");
    } catch (IOException e) {
      return false; // that of the listing itself
    }
  }
}
