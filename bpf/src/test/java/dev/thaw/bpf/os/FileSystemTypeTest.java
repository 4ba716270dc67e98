package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileSystemTypeTest {
  @Test
  void whatIsToBeSeenAtAPathIsKnownByTheKernel() {
    assertThat(FileSystemType.PROC.isAt(Path.of("/proc/self"))).isTrue();
    assertThat(FileSystemType.CGROUP2.isAt(Path.of("/proc/self"))).isFalse();
    assertThat(FileSystemType.PROC.isAt(Path.of("/nowhere"))).isFalse();
  }
}
