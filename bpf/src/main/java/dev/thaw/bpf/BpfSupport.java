package dev.thaw.bpf;

import dev.thaw.bpf.os.CgroupLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this machine and this process's rights allow.
 *
 * @param signals kernel events of starts
 * @param balancing the in-kernel table
 * @param limits control groups with a CPU limit
 * @param missing a sentence for each thing that is off: why, and what brings it back
 */
public record BpfSupport(boolean signals, boolean balancing, boolean limits, List<String> missing) {
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  /** Looks, without loading anything into the kernel. */
  public static BpfSupport check() {
    var missing = new ArrayList<String>();
    if (!Files.exists(Path.of("/sys/kernel/btf/vmlinux"))) {
      missing.add(
          "the kernel shows no BTF at /sys/kernel/btf/vmlinux: it takes a kernel >= 5.8 built with CONFIG_DEBUG_INFO_BTF");
    }
    if (!libbpfLoads()) {
      missing.add("libbpf.so.1 is not installed: install Debian's package libbpf1");
    }
    long capabilities = effectiveCapabilities();
    boolean admin = has(capabilities, CAP_SYS_ADMIN);
    if (!admin
        && !(has(capabilities, CAP_BPF)
            && has(capabilities, CAP_PERFMON)
            && has(capabilities, CAP_NET_ADMIN))) {
      missing.add(
          "no right to load BPF programs: run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN");
    }
    boolean kernel = missing.isEmpty();
    CgroupLayout layout = CgroupLayout.detect();
    boolean balancing = kernel && layout.unified().isPresent();
    if (kernel && !balancing) {
      missing.add(
          "no cgroup2 hierarchy to balance in: mount one, as in mount -t cgroup2 none /sys/fs/cgroup/unified");
    }
    boolean limits = (layout.v1Cpu().isPresent() || layout.unifiedCpu()) && canWrite(layout);
    if (!limits) {
      missing.add("no control groups of our own: run as root on a machine with the cpu controller");
    }
    return new BpfSupport(kernel && limits, balancing, limits, List.copyOf(missing));
  }

  private static boolean canWrite(CgroupLayout layout) {
    return layout.v1Cpu().or(layout::unified).map(Files::isWritable).orElse(false)
        && layout.unified().map(Files::isWritable).orElse(true);
  }

  private static boolean libbpfLoads() {
    try {
      LibBpf.complaints();
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  private static boolean has(long capabilities, int capability) {
    return (capabilities >>> capability & 1) == 1;
  }

  private static long effectiveCapabilities() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("CapEff:"))
          .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .findFirst()
          .orElse(0L);
    } catch (IOException e) {
      return 0;
    }
  }
}
