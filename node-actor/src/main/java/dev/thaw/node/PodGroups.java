package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control groups of this node's pods: one each, below a common parent; none where we may not
 * make any. Blocking.
 *
 * @param layout empty where we may not
 * @param parent such as {@code thaw/orders}
 */
record PodGroups(Optional<CgroupLayout> layout, String parent) {
  private static final Logger LOG = LoggerFactory.getLogger(PodGroups.class);

  /** The pod's group, whether it exists or not. */
  Optional<Cgroup> of(String podName) {
    return layout.map(known -> Cgroup.of(known, parent + "/" + podName));
  }

  /**
   * Makes the pod's group.
   *
   * @param cpuLimitMillicores 0 for none
   */
  Optional<Cgroup> make(String podName, int cpuLimitMillicores) {
    Optional<Cgroup> group = of(podName).map(Cgroup::create);
    if (cpuLimitMillicores > 0) {
      group.ifPresent(made -> made.limitCpu(cpuLimitMillicores));
    }
    return group;
  }

  /** Removes a pod's group; false while something is left in it. */
  boolean remove(String podName) {
    return of(podName).map(Cgroup::delete).orElse(true);
  }

  /** Removes the groups of dead processes; those still in use stay, with a word in the log. */
  void clean() {
    layout.ifPresent(
        known -> {
          List<Path> busy = Cgroup.of(known, parent).deleteAll();
          busy.forEach(path -> LOG.warn("control group still in use path={}", path));
          int above = parent.lastIndexOf('/');
          if (above > 0 && !Cgroup.of(known, parent.substring(0, above)).delete()) {
            LOG.debug("other runs have control groups beside ours");
          }
        });
  }
}
