package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoresTest {
  private static Cores of(String list) throws IOException {
    return Cores.of(List.of("Name:\tjava", "Cpus_allowed_list:\t" + list, "Mems_allowed:\t1"));
  }

  @Test
  void theFirstCoreIsTheFirstThatMayBeUsed() throws IOException {
    assertThat(of("4-5").first()).isEqualTo("4");
    assertThat(of("4-5").others()).isEqualTo("5");
    assertThat(of("0-1,6,8-9").others()).isEqualTo("1,6,8,9");
  }

  @Test
  void whereThereIsOneCoreEverythingRunsOnIt() throws IOException {
    assertThat(of("3").first()).isEqualTo("3");
    assertThat(of("3").others()).isEqualTo("3");
  }

  @Test
  void thisProcessMayRunSomewhere() throws IOException {
    assertThat(Cores.allowed().numbers()).isNotEmpty();
  }

  @Test
  void aStatusWithoutTheListIsSaid() {
    assertThatThrownBy(() -> Cores.of(List.of("Name:\tjava"))).hasMessageContaining("Cpus_allowed");
  }
}
