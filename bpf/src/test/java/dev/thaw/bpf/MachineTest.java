package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.preflight.Findings;
import dev.thaw.bpf.preflight.Preflight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the kernel's own pages are read. */
class MachineTest {
  @Test
  void theModeInBracketsIsTheOneInForce() {
    assertThat(Machine.bracketed("none [integrity] confidentiality")).isEqualTo("integrity");
    assertThat(Machine.bracketed("none")).isEqualTo("none");
  }

  @Test
  void aKernelWithoutLockdownIsToldFromOneThatDoesNotShowIt(@TempDir Path folder) throws Exception {
    assertThat(Machine.lockdown(folder, at -> true)).contains("none");
    assertThat(Machine.lockdown(folder, at -> false)).isEmpty();

    Files.writeString(folder.resolve("lockdown"), "none integrity [confidentiality]\n");
    assertThat(Machine.lockdown(folder, at -> true)).contains("confidentiality");
  }

  @Test
  void aControllerWithAHierarchyIsMounted() {
    String page =
        """
        #subsys_name	hierarchy	num_cgroups	enabled
        memory	4	31	1
        net_cls	0	1	1
        net_prio	7	1	1
        """;

    assertThat(Machine.classifiers(page)).isEqualTo(Map.of("net_cls", false, "net_prio", true));
  }

  @Test
  void controllersOfOneHierarchyAreMountedTogether() {
    String page =
        """
        #subsys_name	hierarchy	num_cgroups	enabled
        cpu	3	9	1
        cpuacct	3	9	1
        memory	0	31	1
        pids	5	1	0
        """;

    assertThat(Machine.hierarchy(page, "cpu")).contains("cpu,cpuacct");
    assertThat(Machine.hierarchy(page, "memory")).isEmpty();
    assertThat(Machine.hierarchy(page, "pids")).as("switched off at boot").isEmpty();
    assertThat(Machine.hierarchy("", "cpu")).isEmpty();
  }

  @Test
  void anyMachineCanBeLookedAtWithWhateverRights() {
    Findings findings = Machine.look(Optional.empty());

    assertThat(findings.release()).isNotEmpty();
    assertThat(Preflight.judge(findings).checks()).hasSizeGreaterThan(10);
  }
}
