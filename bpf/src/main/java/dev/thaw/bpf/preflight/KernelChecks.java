package dev.thaw.bpf.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel, its settings, this process's rights and the library that talks to it. */
final class KernelChecks {
  static final String RIGHTS = "capabilities";

  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** Ring buffers, and getpeername on cgroups. */
  private static final int LEAST = 508;

  /** Socket storage in tracing programs, by which connections are counted. */
  private static final int COUNTS_CONNECTS = 511;

  /** Links of probes on user programs, which can be pinned; their cookies; groups of sockets. */
  private static final int PINS_MARKS = 515;

  /** Looking for a process's mapped file, and signals to another process. */
  private static final int FINDS_MAPPED_FILES = 517;

  private static final int SIGNALS_OTHERS = 616;

  /** The first libbpf whose calls answer with negative error numbers and whose soname is 1. */
  private static final int LEAST_LIBBPF = 100;

  private static final int CAP_SYS_ADMIN = 21;
  private static final Map<Integer, String> CAPABILITIES =
      new TreeMap<>(Map.of(12, "CAP_NET_ADMIN", 38, "CAP_PERFMON", 39, "CAP_BPF"));
  private static final Part[] ALL_OF_BPF = {Part.SIGNALS, Part.MARKS, Part.BALANCING};

  private KernelChecks() {}

  static List<Check> all(Findings findings) {
    return List.of(
        kernel(findings.release()),
        btf(findings.btf()),
        capabilities(findings.rights()),
        lockdown(findings.lockdown(), findings.load().map(Findings.Load::whole).orElse(false)),
        uprobes(findings),
        libbpf(findings),
        bpfFileSystem(findings));
  }

  /** Major times 100 plus minor; -1 for what is no version. */
  static int version(String text) {
    Matcher matcher = VERSION.matcher(text);
    return matcher.matches()
        ? Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt(matcher.group(2))
        : -1;
  }

  private static Check kernel(String release) {
    String needed = "Linux 5.8 or later";
    int version = version(release);
    if (version < LEAST) {
      return Check.unfit(
          "kernel",
          version < 0 ? "a release that cannot be read: \"" + release + "\"" : "Linux " + release,
          needed,
          "our programs use ring buffers and hooks it does not have",
          "boot a later kernel",
          ALL_OF_BPF);
    } else if (version < PINS_MARKS) {
      boolean counts = version >= COUNTS_CONNECTS;
      return Check.degraded(
          "kernel",
          "Linux " + release,
          needed + ", 5.15 for all",
          "runtime.main, main.main and Serve of Go programs are not seen, exec and LISTEN are; TCP"
              + " retransmits are not counted per pod; thaw trace has no steps"
              + (counts ? "" : "; connects made and failed are not counted, picks are"),
          "boot Linux 5.15 or later",
          counts
              ? new Part[] {Part.MARKS, Part.TRACE}
              : new Part[] {Part.MARKS, Part.TRACE, Part.CONNECT_COUNTS});
    }
    return Check.ok("kernel", "Linux " + release + later(version), needed);
  }

  /** What takes a still later kernel, none of it needed by default. */
  private static String later(int version) {
    if (version >= SIGNALS_OTHERS) {
      return "";
    }
    return version < FINDS_MAPPED_FILES
        ? " (an image on an overlay is known per container before 5.17; --first-start stop needs 6.16)"
        : " (--first-start stop needs 6.16)";
  }

  private static Check btf(boolean present) {
    String needed = "the kernel's types at /sys/kernel/btf/vmlinux";
    return present
        ? Check.ok("btf", "present", needed)
        : Check.unfit(
            "btf",
            "absent",
            needed,
            "our programs cannot be fitted to this kernel's structures",
            "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y",
            ALL_OF_BPF);
  }

  private static Check capabilities(Findings.Rights rights) {
    String needed = "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or CAP_SYS_ADMIN";
    String consequence = "no BPF program can be loaded";
    List<String> lacking = lacking(rights.effective());
    if (!lacking.isEmpty()) {
      return Check.unfit(
          RIGHTS,
          "without " + String.join(", ", lacking),
          needed,
          consequence,
          "run as root, or grant them to the process",
          ALL_OF_BPF);
    } else if (!rights.initialUserNamespace()) {
      return Check.unfit(
          RIGHTS,
          "only within a user namespace, where they do not count for BPF",
          needed,
          consequence,
          "run outside of the user namespace",
          ALL_OF_BPF);
    }
    return Check.ok(
        RIGHTS,
        has(rights.effective(), CAP_SYS_ADMIN)
            ? "CAP_SYS_ADMIN"
            : String.join(", ", CAPABILITIES.values()),
        needed);
  }

  private static List<String> lacking(long effective) {
    var lacking = new ArrayList<String>();
    if (!has(effective, CAP_SYS_ADMIN)) {
      CAPABILITIES.forEach(
          (bit, name) -> {
            if (!has(effective, bit)) {
              lacking.add(name);
            }
          });
    }
    return lacking;
  }

  private static boolean has(long effective, int capability) {
    return (effective >>> capability & 1) == 1;
  }

  private static Check lockdown(Optional<String> mode, boolean loads) {
    String needed = "none or integrity";
    if (mode.isEmpty() && loads) {
      return Check.ok("lockdown", "not to be seen, but all programs are loaded", needed);
    } else if (mode.isEmpty()) {
      return Check.unknown(
          "lockdown",
          "not to be seen: no securityfs at /sys/kernel/security",
          needed,
          "in confidentiality no program may read kernel memory, as ours must",
          "mount -t securityfs securityfs /sys/kernel/security, or try by --load");
    } else if (mode.get().equals("confidentiality")) {
      return Check.unfit(
          "lockdown",
          mode.get(),
          needed,
          "no program may read kernel memory, as ours must",
          "boot with lockdown=integrity, or without",
          ALL_OF_BPF);
    }
    return Check.ok("lockdown", mode.get(), needed);
  }

  /** Where the kernel has no perf events, or no probes on user programs, Go's marks are lost. */
  private static Check uprobes(Findings findings) {
    String needed = "uprobes, and perf events that we may open";
    if (!findings.uprobes() || findings.perfParanoid().isEmpty()) {
      return Check.degraded(
          "perf-events",
          findings.perfParanoid().isEmpty() ? "no perf events" : "no uprobes",
          needed,
          "runtime.main and main.main of Go programs are not seen; exec and LISTEN are",
          "boot a kernel with CONFIG_PERF_EVENTS=y and CONFIG_UPROBE_EVENTS=y",
          Part.MARKS);
    }
    int paranoid = findings.perfParanoid().get();
    boolean privileged =
        has(findings.rights().effective(), CAP_SYS_ADMIN) || has(findings.rights().effective(), 38);
    boolean counts = findings.rights().initialUserNamespace();
    String found = "perf_event_paranoid " + paranoid;
    if (paranoid > -1 && !(privileged && counts)) {
      return Check.degraded(
          "perf-events",
          found
              + ", which binds this process"
              + (counts ? "" : ": its rights count only within a user namespace"),
          needed,
          "runtime.main and main.main of Go programs are not seen",
          counts ? "grant CAP_PERFMON" : "run outside of the user namespace",
          Part.MARKS);
    }
    return Check.ok(
        "perf-events", found + (paranoid > -1 ? ", which CAP_PERFMON passes" : ""), needed);
  }

  private static Check libbpf(Findings findings) {
    String needed = "libbpf.so.1, 1.0 or later";
    if (findings.libbpf().isEmpty()) {
      return Check.unfit(
          "libbpf",
          "not installed",
          needed,
          "nothing can be loaded into the kernel",
          "install Debian's package libbpf1",
          ALL_OF_BPF);
    }
    String version = findings.libbpf().get();
    return version(version.replaceFirst("^v", "")) >= LEAST_LIBBPF
        ? Check.ok("libbpf", version, needed)
        : Check.unfit(
            "libbpf",
            version,
            needed,
            "its calls have other meanings than ours expect",
            "install a later libbpf",
            ALL_OF_BPF);
  }

  private static Check bpfFileSystem(Findings findings) {
    Findings.BpfFileSystem place = findings.bpfFileSystem();
    String needed = "a BPF file system at " + place.at() + " that we may write to";
    String mount = "mount -t bpf bpf " + place.at();
    if (!place.mounted() && has(findings.rights().effective(), CAP_SYS_ADMIN)) {
      return Check.degraded(
          "bpffs",
          "not mounted; thaw run mounts it",
          needed,
          "what a killed run has pinned is lost with the mount namespace of that run",
          "mount it for all: " + mount);
    } else if (!place.mounted() || !place.writable()) {
      return Check.unfit(
          "bpffs",
          place.mounted() ? "mounted, and not ours to write to" : "not mounted",
          needed,
          "weights and watches would end with this process",
          place.mounted() ? "run as its owner, or mount one with a mode of its own" : mount,
          ALL_OF_BPF);
    }
    return Check.ok("bpffs", "mounted", needed);
  }
}
