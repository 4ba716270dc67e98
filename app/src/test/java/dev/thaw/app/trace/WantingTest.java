package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WantingTest {
  private static final Check RIGHTS =
      new Check(
          "capabilities", Verdict.UNFIT, "without CAP_BPF", "", "", "run as root", Set.of(), "");

  @Test
  void whoHasNoRightsIsToldOfThemAndNotOfWhatTheyWouldBring() {
    BpfSupport none =
        support(
            Optional.of(RIGHTS),
            "capabilities: without CAP_BPF",
            "bpffs: not mounted",
            "own-groups: cannot be made",
            "perf-events: perf_event_paranoid 2");

    assertThat(Wanting.lines(none))
        .containsExactly(
            "steps before it listens, stacks, waits for a processor, limits: without CAP_BPF; run as root");
    assertThat(Wanting.steps(none)).isEqualTo("for want of rights (run as root)");
    assertThat(Wanting.noLimits("--cpu", none))
        .hasMessage("--cpu: no control group can be made here to limit by (run as root)");
  }

  @Test
  void whatRightsWouldNotBringIsNamedBesideThem() {
    BpfSupport old = support(Optional.of(RIGHTS), "capabilities: without CAP_BPF", "btf: absent");

    assertThat(Wanting.lines(old)).hasSize(2).last().isEqualTo("btf: absent");
    assertThat(Wanting.steps(old)).isEqualTo("for want of rights (run as root), btf");
  }

  @Test
  void whoHasAllRightsIsToldOfEachThingThatIsMissing() {
    BpfSupport bare = support(Optional.empty(), "btf: absent", "perf-events: no uprobes");

    assertThat(Wanting.lines(bare)).containsExactly("btf: absent", "perf-events: no uprobes");
    assertThat(Wanting.steps(bare)).isEqualTo("for want of btf, perf-events");
  }

  private static BpfSupport support(Optional<Check> rights, String... missing) {
    return new BpfSupport(false, false, false, rights, Optional.empty(), List.of(missing));
  }
}
