package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What of libbpf's lines reaches a person. */
class ComplaintTest {
  @Test
  void theLineThatNamesTheProgramIsTheSentenceAndTheLogADetail() {
    var complaint =
        Complaint.of(
            List.of(
                "libbpf: prog 'on_exit': BPF program load failed: Invalid argument\n",
                "libbpf: prog 'on_exit': -- BEGIN PROG LOAD LOG --\n0: R1=ctx()\n-- END PROG LOAD LOG --\n",
                "libbpf: prog 'on_exit': failed to load: -22\n",
                "libbpf: failed to load object 'startup'\n"));

    assertThat(complaint.brief())
        .isEqualTo("prog 'on_exit': BPF program load failed: Invalid argument");
    assertThat(complaint.whole()).contains("0: R1=ctx()").doesNotContain("libbpf:");
  }

  @Test
  void adviceOnALimitThatIsNotTheCauseIsLeftOut() {
    var complaint =
        Complaint.of(
            List.of(
                "libbpf: Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load"
                    + " trivial BPF program. Make sure your kernel supports BPF and/or that"
                    + " RLIMIT_MEMLOCK is set to big enough value.\n",
                "libbpf: permission error while running as root; try raising 'ulimit -l'\n",
                "libbpf: failed to load object 'startup'\n"));

    assertThat(complaint.brief()).isEmpty();
    assertThat(complaint.whole()).isEqualTo("failed to load object 'startup'");
  }

  @Test
  void whereNothingWasSaidThereIsNothingToAdd() {
    assertThat(Complaint.of(List.of())).isEqualTo(new Complaint("", ""));
  }
}
