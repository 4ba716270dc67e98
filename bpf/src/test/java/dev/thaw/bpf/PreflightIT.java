package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    assertThat(named(preflight, "load").found())
        .isEqualTo("balance, pressure, profile, startup, stop");
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
  void aProgramThatRefusesConnectsIsNamedByTheCanary() throws Exception {
    attach("connect4", "multi", 0);

    Check canary = named(Preflight.judge(Machine.lookAndLoad(Optional.of(group))), "canary");

    assertThat(canary.found()).contains("connect4: ", "Operation not permitted (1)");
    assertThat(canary.consequence())
        .startsWith("connects are refused by BPF program ")
        .contains("(foreign)", "on connect4 of " + group);
  }

  @Test
  void aLoopbackThatIsDownIsToBeSetUp() throws Exception {
    assertThat(elsewhere("-n", "true", true))
        .contains("canary|unfit|could not be tried: loopback is down|ip link set lo up");
  }

  @Test
  void aBpfFileSystemBeneathAnotherIsNotMounted() throws Exception {
    assertThat(elsewhere("-m", "mount -t tmpfs none /sys/fs/bpf", false))
        .anyMatch(line -> line.startsWith("bpffs|degraded|not mounted"));
  }

  @Test
  void inAUserNamespaceNoRightCountsForPerfEvents() throws Exception {
    assertThat(elsewhere("-Ur", "true", false))
        .anyMatch(
            line -> line.matches("perf-events\\|degraded\\|.*only within a user namespace\\|.*"));
  }

  @Test
  void groupsMountedReadOnlyAreSaidToBe() throws Exception {
    Path unified = CgroupLayout.detect().unified().orElseThrow();

    assertThat(elsewhere("-m", "mount -o remount,bind,ro " + unified, false))
        .anyMatch(
            line ->
                line.startsWith("own-groups|unfit|cannot be made in " + unified)
                    && line.contains("Read-only file system")
                    && line.contains("remount"));
  }

  @Test
  void aCpuHierarchyThatIsOnlyNotMountedIsToBeMounted() throws Exception {
    Optional<Path> v1Cpu = CgroupLayout.detect().v1Cpu();
    if (v1Cpu.isPresent()) { // where cgroup2 has the controller there is nothing to take away
      assertThat(elsewhere("-m", "umount " + v1Cpu.get(), false))
          .anyMatch(
              line ->
                  line.startsWith("cpu-controller|degraded|in a hierarchy that is not mounted|")
                      && line.contains("mount -t cgroup -o "));
    }
  }

  @Test
  void aRefusalIsOneSentenceThatIsTheSameEachTime() throws Exception {
    List<String> first = elsewhere("-Ur", "true", true);

    assertThat(first)
        .filteredOn(line -> line.startsWith("load|"))
        .singleElement()
        .asString()
        .startsWith(
            "load|unfit|balance, pressure, profile, startup, stop: Operation not permitted (1);")
        .hasSizeLessThan(300);
    assertThat(elsewhere("-Ur", "true", true)).isEqualTo(first);
  }

  /** The checks of a process in namespaces of its own, one a line. */
  private static List<String> elsewhere(String namespace, String before, boolean load)
      throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                "unshare",
                namespace,
                "sh",
                "-ec",
                before + "; exec \"$@\"",
                "sh",
                java,
                "-cp",
                System.getProperty("java.class.path"),
                PreflightElsewhere.class.getName(),
                "" + load)
            .redirectErrorStream(true)
            .start();
    List<String> said = new String(process.getInputStream().readAllBytes()).lines().toList();
    assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
    return said;
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

  @Test
  void stopsOfAnotherLayoutAreFoundBeforeTheyAreUsed() throws Exception {
    var pins = new Pins(PINS);
    try (var watch = StartupWatch.open(pins)) {
      assertThat(MapLayout.differences("startup", pins)).isEmpty();
      tool(
          ("bpftool map create %s type hash key 16 value 32 entries 8 name stopped"
                  .formatted(PINS.resolve("stopped")))
              .split(" "));

      assertThat(MapLayout.differences("startup", pins))
          .containsExactly(
              "map stopped has keys of 16 and values of 32 bytes (expected: 16 and 24)");
      assertThatThrownBy(() -> StopOnExec.open(pins, watch))
          .isInstanceOf(BpfException.class)
          .hasMessageContaining("of another build")
          .hasMessageContaining("--cleanup");
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
    attach(hook, flags, 1);
  }

  /** {@code verdict}: 1 lets connects pass, 0 refuses them. */
  private void attach(String hook, String flags, int verdict) throws Exception {
    Path source = Files.createTempFile("foreign", ".c");
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        __attribute__((section("cgroup/%s"), used)) int foreign(struct bpf_sock_addr *ctx) { return %d; }
        """
            .formatted(hook, verdict));
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
