package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidNamespaceTest {
  @TempDir Path folder;

  @Test
  void theMachinesOwnIsKnownByItsNumber() throws IOException {
    assertThat(PidNamespace.isMachines(link("pid:[4026531836]"))).isTrue();
  }

  @Test
  void aContainersIsAnother() throws IOException {
    assertThat(PidNamespace.isMachines(link("pid:[4026532461]"))).isFalse();
    assertThat(PidNamespace.isMachines(folder.resolve("no-proc"))).isFalse();
  }

  private Path link(String to) throws IOException {
    return Files.createSymbolicLink(folder.resolve("pid"), Path.of(to));
  }
}
