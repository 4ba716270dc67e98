package dev.thaw.bpf;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.preflight.Findings;
import dev.thaw.bpf.preflight.Findings.BpfFileSystem;
import dev.thaw.bpf.preflight.Findings.Cgroups;
import dev.thaw.bpf.preflight.Findings.Hooks;
import dev.thaw.bpf.preflight.Findings.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Looks at this machine; judges nothing. Any thread. */
public final class Machine {
  private static final Path PINS = Path.of("/sys/fs/bpf/thaw");
  private static final String WHOLE_NAMESPACE = "0 0 4294967295";

  private Machine() {}

  /**
   * Looks without loading anything into the kernel; some milliseconds.
   *
   * @param cover the cgroup2 folder to balance in; empty: the root
   */
  public static Findings look(Optional<Path> cover) {
    return findings(cover, Optional.empty());
  }

  /**
   * Looks, then loads every object, compares its maps, connects through the hooks, and removes all
   * of it again. This process visits a control group of its own meanwhile.
   */
  public static Findings lookAndLoad(Optional<Path> cover) {
    Findings seen = look(cover);
    return seen.libbpf().isEmpty()
        ? seen
        : findings(cover, Optional.of(TrialLoad.run(seen.hooks().cgroup())));
  }

  private static Findings findings(Optional<Path> cover, Optional<Findings.Load> load) {
    CgroupLayout layout = CgroupLayout.detect();
    Path cgroup =
        cover
            .map(folder -> folder.toAbsolutePath().normalize())
            .or(layout::unified)
            .orElse(Path.of("/sys/fs/cgroup"));
    Optional<String> libbpf = libbpf();
    return new Findings(
        text("/proc/sys/kernel/osrelease").orElse(""),
        Files.exists(Path.of("/sys/kernel/btf/vmlinux")),
        new BpfFileSystem(
            Pins.FILE_SYSTEM, Pins.isMounted(), LibC.access(Pins.FILE_SYSTEM.toString(), 2) == 0),
        rights(),
        text("/sys/kernel/security/lockdown").map(Machine::bracketed),
        text("/proc/sys/kernel/perf_event_paranoid").map(Integer::valueOf),
        Files.exists(Path.of("/sys/bus/event_source/devices/uprobe")),
        libbpf,
        cgroups(layout),
        libbpf.isPresent()
            ? hooks(cgroup)
            : new Hooks(cgroup, List.of(), "libbpf is not installed"),
        libbpf.isPresent() ? pins() : Map.of(),
        load);
  }

  private static Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(Path.of(file)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Of {@code none [integrity] confidentiality} the one in brackets. */
  static String bracketed(String choices) {
    int from = choices.indexOf('[');
    int to = choices.indexOf(']');
    return from < 0 || to < from ? choices : choices.substring(from + 1, to);
  }

  private static Rights rights() {
    String status = text("/proc/self/status").orElse("");
    long effective =
        status
            .lines()
            .filter(line -> line.startsWith("CapEff:"))
            .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0L);
    boolean initial =
        text("/proc/self/uid_map")
            .map(map -> map.replaceAll("\\s+", " ").equals(WHOLE_NAMESPACE))
            .orElse(true);
    return new Rights(effective, initial);
  }

  private static Optional<String> libbpf() {
    try {
      return Optional.of(LibBpf.libbpf_version_string());
    } catch (LinkageError e) {
      return Optional.empty();
    }
  }

  private static Cgroups cgroups(CgroupLayout layout) {
    return new Cgroups(
        layout.unified(),
        layout.v1Cpu().isPresent() || layout.unifiedCpu(),
        (layout.v1Cpu().isPresent() || layout.unified().isPresent()) && canWrite(layout),
        classifiers(text("/proc/cgroups").orElse("")));
  }

  private static boolean canWrite(CgroupLayout layout) {
    return Stream.of(layout.v1Cpu(), layout.unified())
        .flatMap(Optional::stream)
        .allMatch(Files::isWritable);
  }

  /** A controller of {@code /proc/cgroups} with a hierarchy other than 0 is mounted as v1. */
  static Map<String, Boolean> classifiers(String cgroups) {
    var mounted = new TreeMap<String, Boolean>();
    cgroups
        .lines()
        .map(line -> line.split("\\s+"))
        .filter(fields -> fields[0].equals("net_cls") || fields[0].equals("net_prio"))
        .forEach(fields -> mounted.put(fields[0], !fields[1].equals("0")));
    return mounted;
  }

  private static Hooks hooks(Path cgroup) {
    try {
      return new Hooks(cgroup, Attachments.on(cgroup), "");
    } catch (BpfException e) {
      return new Hooks(cgroup, List.of(), String.valueOf(e.getMessage()));
    }
  }

  /** Every run's folders below the common one, with what is odd about each. */
  private static Map<Path, String> pins() {
    var all = new TreeMap<Path, String>();
    for (Path run : folders(PINS)) {
      for (Path part : folders(run)) {
        String object = run.relativize(part).toString();
        if (MapLayout.OBJECTS.containsKey(object)) {
          all.put(part, String.join(", ", MapLayout.differences(object, new Pins(part))));
        }
      }
    }
    return all;
  }

  private static List<Path> folders(Path above) {
    try (Stream<Path> entries = Files.list(above)) {
      return new ArrayList<>(entries.filter(Files::isDirectory).sorted().toList());
    } catch (IOException e) {
      return List.of(); // none, or not ours to see
    }
  }
}
