package dev.thaw.bpf;

import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.FileSystemType;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
        lockdown(Path.of("/sys/kernel/security"), FileSystemType.SECURITY::isAt),
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

  /**
   * A kernel without lockdown has no such file; where securityfs is not to be seen, all lack it.
   */
  static Optional<String> lockdown(Path security, Predicate<Path> isSecurityFs) {
    Path file = security.resolve("lockdown");
    return isSecurityFs.test(security) && !Files.exists(file)
        ? Optional.of("none")
        : text(file.toString()).map(Machine::bracketed);
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
    String controllers = text("/proc/cgroups").orElse("");
    return new Cgroups(
        layout.unified(),
        layout.v1Cpu().isPresent() || layout.unifiedCpu(),
        hierarchy(controllers, "cpu"),
        unwritable(layout),
        classifiers(controllers));
  }

  private static Optional<Findings.Unwritable> unwritable(CgroupLayout layout) {
    List<Path> roots =
        Stream.of(layout.v1Cpu(), layout.unified()).flatMap(Optional::stream).toList();
    for (Path root : roots) {
      if (LibC.access(root.toString(), 2) != 0) {
        int errno = LibC.errno();
        return Optional.of(new Findings.Unwritable(root, errno == LibC.EROFS, LibC.message(errno)));
      }
    }
    return roots.isEmpty()
        ? Optional.of(new Findings.Unwritable(Path.of("/sys/fs/cgroup"), false, "nothing mounted"))
        : Optional.empty();
  }

  /**
   * The controllers of the v1 hierarchy that has this one, as {@code mount -o} wants them; empty
   * when it is in none. The page also tells of hierarchies that are not mounted here.
   */
  static Optional<String> hierarchy(String cgroups, String controller) {
    Map<String, String> numbers =
        cgroups
            .lines()
            .map(line -> line.split("\\s+"))
            .filter(fields -> fields.length == 4 && fields[3].equals("1"))
            .collect(
                Collectors.toMap(
                    fields -> fields[0], fields -> fields[1], (a, b) -> a, LinkedHashMap::new));
    String number = numbers.getOrDefault(controller, "0");
    return number.equals("0")
        ? Optional.empty()
        : Optional.of(
            numbers.entrySet().stream()
                .filter(each -> each.getValue().equals(number))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(",")));
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
