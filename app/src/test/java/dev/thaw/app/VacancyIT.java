package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import dev.thaw.bpf.os.CgroupLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What other builds have left in the kernel. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class VacancyIT {
  private static final Path CGROUP = CgroupLayout.detect().unified().orElse(Path.of("/"));
  private static final Path ALL = Path.of("/sys/fs/bpf/thaw");

  private final String policy = "thaw-test-old-" + ProcessHandle.current().pid();
  private final Path run = ALL.resolve(policy);
  private final Pins startup = new Pins(run.resolve("startup"));
  private final Pins balance = new Pins(run.resolve("balance"));
  private final Pins neighbour = new Pins(ALL.resolve(policy + "-other").resolve("balance"));
  private final Pins foreign = new Pins(run.resolve("foreign"));
  private final Vacancy vacancy = new Vacancy(policy, BpfSupport.check(Optional.empty()));

  @BeforeEach
  void pin() throws Exception {
    StartupWatch.open(startup).close();
    Balancer.open(balance, CGROUP).close();
    Balancer.open(neighbour, CGROUP).close();
    foreign.create();
    bpftool("map", "pin", "pinned", neighbour.folder() + "/settings", foreign.folder() + "/kept");
  }

  @AfterEach
  void unpin() throws IOException {
    for (Pins pins : List.of(startup, balance, neighbour, foreign)) {
      pins.removeAll();
    }
    for (Path folder : List.of(run, neighbour.folder().getParent())) {
      Files.deleteIfExists(folder);
    }
    ALL.toFile().delete(); // unless others are in there
  }

  @Test
  void pinsOfAnOlderVersionGoWithCleanupAndNothingElseDoes() throws Exception {
    spoil(startup, "startup_header", 32);
    spoil(balance, "settings", 8);

    assertThatThrownBy(() -> vacancy.pinsOfAnotherBuild(false))
        .hasMessageContaining("another build")
        .hasMessageContaining("--cleanup");
    vacancy.pinsOfAnotherBuild(true);

    assertThat(startup.exist()).isFalse();
    assertThat(balance.exist()).isFalse();
    assertThat(neighbour.exist()).isTrue();
    assertThat(foreign.exist()).isTrue();
  }

  @Test
  void mapsThatAreLaidOutOtherwiseGoToo() throws Exception {
    Path settings = balance.folder().resolve("settings");
    Files.delete(settings);
    bpftool(
        "map",
        "create",
        settings.toString(),
        "type",
        "array",
        "key",
        "4",
        "value",
        "64",
        "entries",
        "1",
        "name",
        "settings");

    vacancy.pinsOfAnotherBuild(true);

    assertThat(balance.exist()).isFalse();
    assertThat(startup.exist()).isTrue();
  }

  @Test
  void pinsOfThisBuildStay() {
    vacancy.pinsOfAnotherBuild(true);

    assertThat(startup.exist()).isTrue();
    assertThat(balance.exist()).isTrue();
  }

  /** Writes another version where ours is: into the first bytes of element 0. */
  private static void spoil(Pins pins, String map, int size) throws Exception {
    String value = "99" + " 0".repeat(size - 1);
    bpftool(
        ("map update pinned " + pins.folder() + "/" + map + " key 0 0 0 0 value " + value)
            .split(" "));
  }

  private static void bpftool(String... words) throws Exception {
    var all = new ArrayList<>(List.of("bpftool"));
    all.addAll(List.of(words));
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }
}
