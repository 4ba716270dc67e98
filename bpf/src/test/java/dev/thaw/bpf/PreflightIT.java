package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Preflight;
import dev.thaw.bpf.preflight.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The checks on a real kernel, and what other programs do to them in a control group of the test.
 */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class PreflightIT {
  private static final String SELF = "thaw-test-preflight-" + ProcessHandle.current().pid();
  private static final Path PINS = Path.of("/sys/fs/bpf", SELF);

  private final Path group = CgroupLayout.detect().unified().orElse(Path.of("/")).resolve(SELF);

  @BeforeEach
  void makeGroup() throws IOException {
    Files.createDirectory(group);
  }

  @AfterEach
  void removeGroup() throws IOException {
    new Pins(PINS).removeAll();
    Files.deleteIfExists(group.resolve("below"));
    Files.delete(group);
  }

  @Test
  void loadsConnectsAndLeavesNothingBehind() {
    Preflight preflight = Preflight.judge(Machine.lookAndLoad(Optional.empty()));

    assertThat(named(preflight, "load").verdict()).as(preflight.closing()).isEqualTo(Verdict.OK);
    assertThat(named(preflight, "map-layout").verdict()).isEqualTo(Verdict.OK);
    assertThat(named(preflight, "canary").found()).contains("connect4", "getpeername4");
    assertThat(named(preflight, "canary").verdict()).isEqualTo(Verdict.OK);
    assertThat(Path.of("/sys/fs/bpf/thaw-preflight-" + ProcessHandle.current().pid()))
        .doesNotExist();
    assertThat(group.resolveSibling("thaw-preflight-" + ProcessHandle.current().pid()))
        .doesNotExist();
  }

  @Test
  void anExclusiveProgramIsNamedAndKeepsUsOutThereAndBelow() throws Exception {
    attach("connect4", "");
    Path below = Files.createDirectory(group.resolve("below"));

    for (Path cover : List.of(group, below)) {
      Preflight preflight = Preflight.judge(Machine.look(Optional.of(cover)));

      assertThat(preflight.foreign()).isPresent();
      assertThat(preflight.foreign().get().found())
          .contains("connect4 of cgroup " + group + " is taken by BPF program", "(foreign)");
    }
    assertThat(BpfSupport.check(Optional.of(group)).foreign())
        .hasValueSatisfying(why -> assertThat(why).contains("(foreign)", "--cover"));
    assertThat(named(Preflight.judge(Machine.lookAndLoad(Optional.of(below))), "canary").found())
        .contains("could not be tried", "connect4", "(foreign)");
  }

  @Test
  void aProgramThatSharesIsNotedAndTheCanaryFliesBesideIt() throws Exception {
    attach("connect6", "multi");

    Preflight preflight = Preflight.judge(Machine.lookAndLoad(Optional.of(group)));

    assertThat(named(preflight, "hooks").verdict()).isEqualTo(Verdict.OK);
    assertThat(named(preflight, "hooks").found()).contains("connect6: BPF program", "(foreign)");
    assertThat(named(preflight, "canary").verdict()).isEqualTo(Verdict.OK);
  }

  @Test
  void aHolderOfAProgramIsNamed() throws Exception {
    var object = BpfObject.open("balance.bpf.o").load();
    try {
      int id = heldHere();

      assertThat(Holders.of(id))
          .hasValueSatisfying(
              holder -> assertThat(holder).startsWith("process " + ProcessHandle.current().pid()));
    } finally {
      object.close();
    }
    assertThat(Holders.of(Integer.MAX_VALUE)).isEmpty();
  }

  @Test
  void pinsOfAnotherLayoutAreFound() {
    new Pins(PINS).create();
    BpfObject.open("startup.bpf.o").pinning(new Pins(PINS), Set.of("watched")).load().close();

    assertThat(MapLayout.differences("startup", new Pins(PINS)))
        .anyMatch(line -> line.startsWith("map startup_lost: No such file"))
        .noneMatch(line -> line.contains("watched"));
    try (var map = BpfMap.pinned(new Pins(PINS), "watched", 16, 4)) {
      assertThat(new MapLayout("watched", 8, 4).difference(map.fd()))
          .contains("map watched has keys of 16 and values of 4 bytes (expected: 8 and 4)");
    }
  }

  /** A program that this process holds a descriptor of. */
  private static int heldHere() throws IOException {
    try (Stream<Path> infos = Files.list(Path.of("/proc/self/fdinfo"))) {
      for (Path info : infos.toList()) {
        for (String line : Files.exists(info) ? Files.readAllLines(info) : List.<String>of()) {
          if (line.startsWith("prog_id:")) {
            return Integer.parseInt(line.substring(8).strip());
          }
        }
      }
    }
    throw new AssertionError("no program is held");
  }

  private static Check named(Preflight preflight, String name) {
    return preflight.checks().stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Somebody else's program on a hook, by somebody else's tools. */
  private void attach(String hook, String flags) throws Exception {
    Path source = Files.createTempFile("foreign", ".c");
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        __attribute__((section("cgroup/%s"), used)) int foreign(struct bpf_sock_addr *ctx) { return 1; }
        """
            .formatted(hook));
    Path object = source.resolveSibling(source.getFileName() + ".o");
    Files.createDirectories(PINS);
    tool("clang", "-O2", "-target", "bpf", "-I", includes(), "-c", source + "", "-o", object + "");
    Path pin = PINS.resolve("foreign");
    tool("bpftool", "prog", "load", object + "", pin + "", "type", "cgroup/" + hook);
    var words =
        new ArrayList<>(
            List.of("bpftool", "cgroup", "attach", group + "", hook, "pinned", pin + ""));
    if (!flags.isEmpty()) {
      words.add(flags);
    }
    tool(words.toArray(String[]::new));
    Files.delete(source);
    Files.delete(object);
  }

  private static String includes() {
    return "/usr/include/"
        + System.getProperty("os.arch").replace("amd64", "x86_64")
        + "-linux-gnu";
  }

  private static void tool(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }
}
