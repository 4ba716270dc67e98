package dev.thaw.bpf.os;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose a control group is on a Kubernetes node, told by its path: the shapes that containerd,
 * CRI-O and Docker make with the systemd and the cgroupfs driver, on cgroup2 and v1, also on a node
 * that is a container itself. Pure.
 *
 * <p>A container that restarts has a new id in the same pod: with the boot, the id names a start.
 *
 * @param podUid with hyphens; of a static pod the hash of its manifest
 * @param containerId 64 hexadecimal digits; a pod's sandbox looks like any other container
 */
public record ContainerCgroup(String podUid, String containerId) {
  private static final Pattern POD =
      Pattern.compile(
          "(?:.*-)?pod([0-9a-f]{8}([-_])[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{4}\\2[0-9a-f]{12}|[0-9a-f]{32})"
              + "(?:\\.slice)?");

  /** CRI-O's monitor has a group of its own beside the container: it is none. */
  private static final Pattern CONTAINER =
      Pattern.compile("(?:(?:cri-containerd|crio|docker)-)?([0-9a-f]{64})(?:\\.scope)?");

  /** What a cgroupfs runtime makes of a systemd name: slice, prefix and id in one folder. */
  private static final Pattern JOINED =
      Pattern.compile("([^:]+\\.slice):(?:cri-containerd|crio|docker):([0-9a-f]{64})");

  /** From a path below the hierarchy's root; empty for a group that is no pod's container. */
  public static Optional<ContainerCgroup> parse(String path) {
    String pod = "";
    for (String folder : path.split("/")) {
      Matcher joined = JOINED.matcher(folder);
      if (joined.matches()) {
        return pod(joined.group(1)).map(uid -> new ContainerCgroup(uid, joined.group(2)));
      }
      Matcher container = CONTAINER.matcher(folder);
      if (container.matches() && !pod.isEmpty()) {
        return Optional.of(new ContainerCgroup(pod, container.group(1)));
      }
      pod = pod(folder).orElse(pod);
    }
    return Optional.empty();
  }

  /** From the lines of {@code /proc/PID/cgroup}; cgroup2's counts first. */
  public static Optional<ContainerCgroup> parse(List<String> lines) {
    return lines.stream()
        .sorted((one, other) -> Boolean.compare(other.startsWith("0::"), one.startsWith("0::")))
        .map(line -> line.split(":", 3))
        .filter(fields -> fields.length == 3)
        .flatMap(fields -> parse(fields[2]).stream())
        .findFirst();
  }

  private static Optional<String> pod(String folder) {
    Matcher pod = POD.matcher(folder);
    return pod.matches() ? Optional.of(pod.group(1).replace('_', '-')) : Optional.empty();
  }
}
