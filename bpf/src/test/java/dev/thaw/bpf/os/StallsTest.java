package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the kernel's pages of pressure are read. */
class StallsTest {
  @TempDir Path group;

  @Test
  void totalsAreInMicrosecondsAndAPageMayLackTheFullLine() {
    String some = "some avg10=1.81 avg60=21.80 avg300=24.21 total=235255428\n";

    assertThat(Stalls.parse(some + "full avg10=0.00 avg60=0.00 avg300=0.00 total=17\n"))
        .contains(new Stalls.Stall(235255428, 17));
    assertThat(Stalls.parse(some)).contains(new Stalls.Stall(235255428, 0));
    assertThat(Stalls.parse("nothing of the kind")).isEmpty();
  }

  @Test
  void whatAGroupDoesNotTellIsLeftOut() throws Exception {
    Files.writeString(group.resolve("memory.pressure"), "some avg10=0 avg60=0 avg300=0 total=5\n");

    assertThat(Stalls.ofGroup(group))
        .isEqualTo(Map.of(Stalls.Resource.MEMORY, new Stalls.Stall(5, 0)));
    assertThat(Stalls.ofGroup(group.resolve("gone"))).isEmpty();
  }
}
