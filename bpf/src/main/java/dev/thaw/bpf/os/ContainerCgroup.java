package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose a control group is where containers run, told by its path: the shapes that containerd,
 * CRI-O and Docker make with the systemd and the cgroupfs driver, on cgroup2 and v1, also on a node
 * that is a container itself. Of containers within each other the innermost counts.
 *
 * <p>A container that restarts has a new id in the same pod: with the boot, the id names a start.
 *
 * @param id 64 hexadecimal digits; a pod's sandbox looks like any other container
 * @param runtime {@code containerd}, {@code cri-o} or {@code docker}; empty where the path does not
 *     tell
 * @param podUid of Kubernetes, with hyphens; of a static pod the hash of its manifest; empty
 *     outside of a pod
 */
public record ContainerCgroup(String id, String runtime, String podUid) {
  private static final Pattern POD =
      Pattern.compile(
          "(?:.*-)?pod([0-9a-f]{8}([-_])[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{12}|[0-9a-f]{32})"
              + "(?:\\.slice)?");

  /** CRI-O's monitor has a group of its own beside the container: it is none. */
  private static final Pattern CONTAINER =
      Pattern.compile("(?:(cri-containerd|crio|docker)-)?([0-9a-f]{64})(?:\\.scope)?");

  /** What a cgroupfs runtime makes of a systemd name: slice, prefix and id in one folder. */
  private static final Pattern JOINED =
      Pattern.compile("([^:]+\\.slice):(cri-containerd|crio|docker):([0-9a-f]{64})");

  private static final Map<String, String> RUNTIMES =
      Map.of("cri-containerd", "containerd", "crio", "cri-o", "docker", "docker");

  /** From a path below the hierarchy's root; empty for a group that is no container's. */
  public static Optional<ContainerCgroup> parse(String path) {
    Optional<ContainerCgroup> found = Optional.empty();
    String pod = "";
    String above = "";
    for (String folder : path.split("/")) {
      Matcher joined = JOINED.matcher(folder);
      Matcher container = CONTAINER.matcher(folder);
      Optional<String> podHere = pod(folder);
      if (joined.matches()) {
        pod = pod(joined.group(1)).orElse(pod);
        found = Optional.of(of(joined.group(3), joined.group(2), pod));
      } else if (container.matches()) {
        String named = container.group(1) == null ? above : container.group(1);
        if (RUNTIMES.containsKey(named) || !pod.isEmpty()) {
          found = Optional.of(of(container.group(2), named, pod));
        }
      } else if (podHere.isPresent()) {
        pod = podHere.get();
        found = Optional.empty(); // a node that is a container is not the pod's
      }
      above = folder;
    }
    return found;
  }

  private static ContainerCgroup of(String id, String word, String pod) {
    return new ContainerCgroup(id, RUNTIMES.getOrDefault(word, ""), pod);
  }

  private static Optional<String> pod(String folder) {
    Matcher pod = POD.matcher(folder);
    return pod.matches() ? Optional.of(pod.group(1).replace('_', '-')) : Optional.empty();
  }

  /** From the lines of {@code /proc/PID/cgroup}; cgroup2's counts first. */
  static Optional<ContainerCgroup> parse(List<String> lines) {
    return lines.stream()
        .sorted((one, other) -> Boolean.compare(other.startsWith("0::"), one.startsWith("0::")))
        .map(line -> line.split(":", 3))
        .filter(fields -> fields.length == 3)
        .flatMap(fields -> parse(fields[2]).stream())
        .findFirst();
  }

  /** Where a process is now; empty outside of a container, or when the process is gone. */
  public static Optional<ContainerCgroup> of(int pid) {
    try {
      return parse(Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
