package dev.thaw.bpf.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.preflight.Findings.HookProgram;
import dev.thaw.bpf.preflight.Findings.Outcome;
import dev.thaw.bpf.preflight.Findings.Sharing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every check, made to fail on a machine that is otherwise well. */
class PreflightTest {
  private static final long NO_ADMIN = Found.ALL & ~(1L << 21);

  private static Preflight preflight(Consumer<Found> worse) {
    var found = new Found();
    worse.accept(found);
    return Preflight.judge(found.findings());
  }

  /** The one check that does not come out well. */
  private static Check failing(Consumer<Found> worse) {
    List<Check> failed = preflight(worse).failed();
    assertThat(failed).hasSize(1);
    assertThat(failed.get(0).consequence()).isNotEmpty();
    assertThat(failed.get(0).cure()).isNotEmpty();
    return failed.get(0);
  }

  private static void unfit(String name, Check check, String found) {
    assertThat(check.name()).isEqualTo(name);
    assertThat(check.verdict()).isEqualTo(Verdict.UNFIT);
    assertThat(check.found()).contains(found);
  }

  private static void degraded(String name, Check check, String found) {
    assertThat(check.name()).isEqualTo(name);
    assertThat(check.verdict()).isEqualTo(Verdict.DEGRADED);
    assertThat(check.found()).contains(found);
  }

  @Test
  void aMachineOnWhichAllIsWellIsFit() {
    Preflight preflight = preflight(found -> {});

    assertThat(preflight.failed()).isEmpty();
    assertThat(preflight.verdict().exitCode()).isZero();
    assertThat(preflight.closing()).startsWith("fit: all ");
    assertThat(Part.values()).allMatch(preflight::allows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.4.0-170-generic", "4.19.0", "5.7.19", "", "linux"})
  void aKernelBeforeItsRingBuffersIsUnfit(String release) {
    unfit("kernel", failing(found -> found.release = release), release);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.8.0", "5.10.0-28-amd64"})
  void aKernelWithoutSocketStorageInTracingCountsNoConnects(String release) {
    Check check = failing(found -> found.release = release);

    degraded("kernel", check, release);
    assertThat(check.off()).containsExactlyInAnyOrder(Part.CONNECT_COUNTS, Part.MARKS, Part.TRACE);
    assertThat(check.consequence()).contains("connects made and failed are not counted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.11.0", "5.14.0-427.el9.x86_64"})
  void aKernelWhoseProbesCannotBePinnedHasNoMarks(String release) {
    Check check = failing(found -> found.release = release);

    degraded("kernel", check, release);
    assertThat(check.off()).containsExactlyInAnyOrder(Part.MARKS, Part.TRACE);
    assertThat(check.consequence())
        .contains("main.main", "not counted per pod")
        .doesNotContain("connects made");
  }

  @Test
  void whatOnlyAStillLaterKernelHasIsNotedAndNoLoss() {
    assertThat(found("kernel", found -> found.release = "5.15.0-91-generic"))
        .contains("before 5.17", "--first-start stop needs 6.16");
    assertThat(found("kernel", found -> {})).endsWith("(--first-start stop needs 6.16)");
    assertThat(found("kernel", found -> found.release = "6.18.5")).isEqualTo("Linux 6.18.5");
  }

  private static String found(String name, Consumer<Found> machine) {
    return preflight(machine).checks().stream()
        .filter(check -> check.name().equals(name))
        .filter(check -> check.verdict() == Verdict.OK)
        .findFirst()
        .orElseThrow()
        .found();
  }

  @Test
  void aKernelWithoutItsTypesIsUnfit() {
    unfit("btf", failing(found -> found.btf = false), "absent");
  }

  @Test
  void eachCapabilityThatIsLackingIsNamed() {
    unfit(
        "capabilities",
        failing(found -> found.capabilities = NO_ADMIN & ~(1L << 39)),
        "without CAP_BPF");
    unfit(
        "capabilities",
        failing(found -> found.capabilities = NO_ADMIN & ~(1L << 12) & ~(1L << 39)),
        "without CAP_NET_ADMIN, CAP_BPF");
    assertThat(preflight(found -> found.capabilities = NO_ADMIN).failed()).isEmpty();
  }

  @Test
  void rightsWithinAUserNamespaceDoNotCount() {
    Preflight preflight = preflight(found -> found.initialUserNamespace = false);

    unfit("capabilities", preflight.failed().get(0), "user namespace");
    degraded("perf-events", preflight.failed().get(1), "which binds this process");
    assertThat(preflight.failed())
        .hasSize(2)
        .allMatch(check -> check.cure().equals("run outside of the user namespace"));
    assertThat(
            preflight(
                    found -> {
                      found.initialUserNamespace = false;
                      found.perfParanoid = Optional.of(-1);
                    })
                .failed())
        .as("a kernel that lets everybody open perf events")
        .hasSize(1);
  }

  @Test
  void onlyConfidentialityLocksUsOut() {
    unfit(
        "lockdown",
        failing(found -> found.lockdown = Optional.of("confidentiality")),
        "confidentiality");
  }

  @Test
  void aLockdownThatIsNotToBeSeenIsNotSaidToBeWell() {
    Preflight preflight =
        preflight(
            found -> {
              found.lockdown = Optional.empty();
              found.loaded = false;
            });

    assertThat(preflight.checks())
        .filteredOn(check -> check.verdict() == Verdict.UNKNOWN)
        .singleElement()
        .satisfies(
            check -> {
              assertThat(check.name()).isEqualTo("lockdown");
              assertThat(check.cure()).contains("mount -t securityfs");
            });
    assertThat(preflight.failed()).isEmpty();
    assertThat(preflight.verdict().exitCode()).isZero();
    assertThat(preflight.closing()).matches("fit: .* none failed; not known: lockdown");
    assertThat(preflight(found -> found.lockdown = Optional.empty()).checks())
        .as("programs that are loaded show that nothing locks them out")
        .noneMatch(check -> check.verdict() == Verdict.UNKNOWN);
  }

  @Test
  void withoutUprobesOrPerfEventsOnlyGosMarksAreLost() {
    degraded("perf-events", failing(found -> found.uprobes = false), "no uprobes");
    Check check = failing(found -> found.perfParanoid = Optional.empty());
    degraded("perf-events", check, "no perf events");
    assertThat(check.off()).containsExactly(Part.MARKS);
  }

  @Test
  void aParanoidKernelBindsAProcessWithoutPerfmon() {
    Preflight preflight =
        preflight(found -> found.capabilities = NO_ADMIN & ~(1L << 38) & ~(1L << 39));

    assertThat(preflight.failed())
        .extracting(Check::name)
        .containsExactly("capabilities", "perf-events");
  }

  @Test
  void withoutLibbpfOrWithAnOldOneItIsUnfit() {
    unfit("libbpf", failing(found -> found.libbpf = Optional.empty()), "not installed");
    unfit("libbpf", failing(found -> found.libbpf = Optional.of("v0.8")), "v0.8");
  }

  @Test
  void aBpfFileSystemThatRootMayMountIsOnlyALoss() {
    degraded("bpffs", failing(found -> found.bpfMounted = false), "not mounted");
    unfit(
        "bpffs",
        failing(
            found -> {
              found.bpfMounted = false;
              found.capabilities = NO_ADMIN;
            }),
        "not mounted");
    unfit("bpffs", failing(found -> found.bpfWritable = false), "not ours to write to");
  }

  @Test
  void withoutCgroup2ThereIsNoPlaceForTheHooks() {
    Preflight preflight = preflight(found -> found.cgroup2 = Optional.empty());

    assertThat(preflight.failed()).extracting(Check::name).containsExactly("cgroup2");
    assertThat(preflight.allows(Part.BALANCING)).isFalse();
    assertThat(preflight.allows(Part.SIGNALS)).isTrue();
  }

  @Test
  void withoutGroupsOfOurOwnNoSignalCanBeToldApart() {
    Check check = failing(found -> found.unwritable = denied(false));

    unfit("own-groups", check, "cannot be made in /sys/fs/cgroup: Permission denied (13)");
    assertThat(check.off()).contains(Part.SIGNALS, Part.LIMITS);
  }

  @Test
  void groupsMountedReadOnlyAreToBeMountedWritable() {
    assertThat(failing(found -> found.unwritable = denied(true)).cure())
        .contains("remount", "/sys/fs/cgroup");
  }

  private static Optional<Findings.Unwritable> denied(boolean readOnly) {
    return Optional.of(
        new Findings.Unwritable(Path.of("/sys/fs/cgroup"), readOnly, "Permission denied (13)"));
  }

  @Test
  void aSentenceSaysWhatWasFoundAndWhatBringsItBack() {
    assertThat(failing(found -> found.unwritable = denied(false)).sentence())
        .startsWith(
            "own-groups: cannot be made in /sys/fs/cgroup: Permission denied (13) (needed: ")
        .endsWith("; run as root, or have a group delegated");
  }

  @Test
  void withoutTheCpuControllerThereAreNoLimits() {
    Check check = failing(found -> found.cpu = false);

    degraded("cpu-controller", check, "in no hierarchy");
    assertThat(check.off()).containsExactly(Part.LIMITS);
  }

  @Test
  void aHierarchyThatIsOnlyNotMountedIsToBeMounted() {
    Check check =
        failing(
            found -> {
              found.cpu = false;
              found.cpuUnmounted = Optional.of("cpu,cpuacct");
            });

    degraded("cpu-controller", check, "not mounted");
    assertThat(check.cure())
        .isEqualTo("mount it: mount -t cgroup -o cpu,cpuacct none /sys/fs/cgroup/cpu,cpuacct");
  }

  @Test
  void aClassifierOnAnOlderKernelTakesSocketsTheirGroup() {
    List<Check> failed =
        preflight(
                found -> {
                  found.release = "5.14.0";
                  found.classifiers = Map.of("net_cls", true, "net_prio", false);
                })
            .failed();

    assertThat(failed).extracting(Check::name).containsExactly("kernel", "socket-groups");
    degraded("socket-groups", failed.get(1), "net_cls mounted");
    assertThat(
            preflight(found -> found.classifiers = Map.of("net_cls", true, "net_prio", true))
                .failed())
        .isEmpty();
  }

  @Test
  void anExclusiveProgramOnAHookIsNamedWithItsHolder() {
    Preflight preflight =
        preflight(
            found ->
                found.programs =
                    List.of(
                        new HookProgram(
                            "connect6",
                            Path.of("/a"),
                            "BPF program 7 (other) of process 812 (balancer)",
                            false,
                            Sharing.EXCLUSIVE)));

    unfit(
        "hooks",
        preflight.failed().get(0),
        "connect6 of cgroup /a is taken by BPF program 7 (other) of process 812");
    assertThat(preflight.allows(Part.BALANCING)).isFalse();
    assertThat(preflight.foreign()).isPresent();
  }

  @Test
  void aProgramThatMayBeOverriddenIsInTheWayToo() {
    unfit(
        "hooks",
        failing(
            found ->
                found.programs =
                    List.of(
                        new HookProgram(
                            "connect4", Path.of("/a"), "BPF program 7", false, Sharing.OVERRIDE))),
        "to be overridden");
  }

  @Test
  void aProgramThatSharesIsNoted() {
    Preflight preflight =
        preflight(
            found ->
                found.programs =
                    List.of(
                        new HookProgram(
                            "connect4", Path.of("/a"), "BPF program 7 (lb)", false, Sharing.MULTI),
                        new HookProgram(
                            "connect4", Path.of("/a"), "BPF program 8", true, Sharing.MULTI)));

    assertThat(preflight.failed()).isEmpty();
    assertThat(preflight.foreign()).isEmpty();
    assertThat(preflight.checks())
        .filteredOn(check -> check.name().equals("hooks"))
        .extracting(Check::found)
        .first()
        .asString()
        .contains("connect4: BPF program 7 (lb)")
        .doesNotContain("program 8");
  }

  @Test
  void hooksThatCannotBeAskedAreNotCalledFree() {
    degraded("hooks", failing(found -> found.hooksUnseen = "not permitted"), "not permitted");
  }

  @Test
  void pinsOfAnotherLayoutAreShownWithTheirFolder() {
    degraded(
        "pins",
        failing(
            found ->
                found.pins = Map.of(Path.of("/sys/fs/bpf/thaw/a/startup"), "map watched differs")),
        "/sys/fs/bpf/thaw/a/startup: map watched differs");
  }

  @Test
  void whatTheKernelRefusesToLoadIsSaid() {
    unfit(
        "load",
        failing(found -> found.objects = Map.of("startup", "no such type", "balance", "")),
        "startup: no such type");
  }

  @Test
  void objectsRefusedForOneReasonAreNamedTogetherAndTheLogIsADetail() {
    Check check =
        failing(
            found -> {
              found.objects = Map.of("startup", "not permitted", "balance", "not permitted");
              found.loadDetail = "line one\nline two";
              found.canary = Map.of();
            });

    assertThat(check.found()).isEqualTo("balance, startup: not permitted");
    assertThat(check.detail()).isEqualTo("line one\nline two");
    assertThat(check.off()).containsExactlyInAnyOrder(Part.SIGNALS, Part.BALANCING);
  }

  @Test
  void withoutWhatTracesOrStopsTrafficIsStillSteered() {
    Check check =
        failing(
            found ->
                found.objects =
                    Map.of("startup", "", "balance", "", "profile", "no", "stop", "too old"));

    degraded("load", check, "profile: no; stop: too old");
    assertThat(check.off()).containsExactlyInAnyOrder(Part.TRACE, Part.FIRST_START);
  }

  @Test
  void withoutThePressureProgramsTrafficIsStillSteered() {
    Check check =
        failing(
            found ->
                found.objects = Map.of("startup", "", "balance", "", "pressure", "no block layer"));

    degraded("load", check, "pressure: no block layer");
    assertThat(check.off()).containsExactly(Part.PRESSURE);
  }

  @Test
  void whereNothingWasLoadedNoLayoutIsJudged() {
    assertThat(
            preflight(found -> found.objects = Map.of("startup", "refused", "balance", "refused"))
                .checks())
        .extracting(Check::name)
        .doesNotContain("map-layout");
  }

  @Test
  void mapsOfAnotherLayoutThanJavasAreUnfit() {
    unfit("map-layout", failing(found -> found.layouts = List.of("map picks")), "map picks");
  }

  @Test
  void aCanaryThatDoesNotArriveOrCannotFlyIsUnfit() {
    Check check = failing(found -> found.canary = dialled(Outcome.ELSEWHERE, "it went elsewhere"));
    unfit("canary", check, "connect4: it went elsewhere");
    assertThat(check.consequence()).contains("not in force");
    unfit("canary", failing(found -> found.canaryUntried = "no room"), "no room");
  }

  private static Map<String, Findings.Dialled> dialled(Outcome outcome, String words) {
    return Map.of("connect4", new Findings.Dialled(outcome, words));
  }

  private static List<HookProgram> beside() {
    return List.of(
        new HookProgram("connect4", Path.of("/a"), "BPF program 12 (f4)", false, Sharing.MULTI),
        new HookProgram("connect6", Path.of("/a"), "BPF program 13 (f6)", false, Sharing.MULTI));
  }

  @Test
  void aProgramThatRefusesConnectsIsNamed() {
    Check check =
        failing(
            found -> {
              found.programs = beside();
              found.canary = dialled(Outcome.DENIED, "Operation not permitted (1)");
            });

    unfit("canary", check, "connect4: Operation not permitted (1)");
    assertThat(check.consequence())
        .isEqualTo("connects are refused by BPF program 12 (f4) on connect4 of /a");
    assertThat(check.cure()).isEqualTo("end that, or have it let 127.99.99.1:9 pass");
  }

  @Test
  void aProgramThatMayHaveChangedTheAddressIsNamed() {
    assertThat(
            failing(
                    found -> {
                      found.programs = beside();
                      found.canary = dialled(Outcome.ELSEWHERE, "it went elsewhere");
                    })
                .cure())
        .contains("BPF program 12 (f4)")
        .doesNotContain("13");
  }

  @Test
  void aLoopbackThatIsDownIsToBeSetUp() {
    Check check =
        failing(
            found -> {
              found.loopback = false;
              found.canary = Map.of();
            });

    unfit("canary", check, "loopback is down");
    assertThat(check.cure()).isEqualTo("ip link set lo up");
  }

  @Test
  void aBackendThatCannotBeReachedIsNoMatterOfHooks() {
    assertThat(
            failing(found -> found.canary = dialled(Outcome.FAILED, "Network is unreachable (101)"))
                .cure())
        .contains("routes", "127.0.0.1");
  }

  @Test
  void withoutLoadingThereAreNoSuchChecks() {
    assertThat(preflight(found -> found.loaded = false).checks())
        .extracting(Check::name)
        .doesNotContain("load", "map-layout", "canary")
        .contains("hooks");
  }

  @Test
  void theWorstOfSeveralDecidesAndIsNamedLast() {
    Preflight preflight =
        preflight(
            found -> {
              found.cpu = false;
              found.btf = false;
            });

    assertThat(preflight.verdict()).isEqualTo(Verdict.UNFIT);
    assertThat(preflight.verdict().exitCode()).isEqualTo(4);
    assertThat(preflight(found -> found.cpu = false).verdict().exitCode()).isEqualTo(3);
    assertThat(preflight.closing()).startsWith("unfit: 2 of ").contains("begin with btf");
  }
}
