package dev.thaw.bpf;

import dev.thaw.bpf.preflight.Findings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Loads our objects as a run would, and leaves nothing behind. */
final class TrialLoad {
  /** Of each object the program that it can do without. */
  private static final Map<String, String> LATER =
      Map.of("balance", Balancer.LISTENER_HOOKS.get(0), "startup", StartupWatch.EXEC_HOOKS.get(0));

  private TrialLoad() {}

  /** {@code cgroup}: where a run would balance. */
  static Findings.Load run(Path cgroup) {
    var refusals = new TreeMap<String, String>();
    var layouts = new ArrayList<String>();
    for (var entry : new TreeMap<>(MapLayout.OBJECTS).entrySet()) {
      try (var object = load(entry.getKey())) {
        entry
            .getValue()
            .forEach(
                layout -> layout.difference(object.mapFd(layout.map())).ifPresent(layouts::add));
        refusals.put(entry.getKey(), "");
      } catch (BpfException e) {
        refusals.put(entry.getKey(), String.valueOf(e.getMessage()).replace('\n', ' '));
      }
    }
    return new Findings.Load(refusals, List.copyOf(layouts), Canary.fly(cgroup));
  }

  /** Without the program that later kernels only take, where the whole is refused. */
  private static BpfObject load(String object) {
    try {
      return BpfObject.open(object + ".bpf.o").load();
    } catch (BpfException e) {
      String later = LATER.get(object);
      if (later == null) {
        throw e;
      }
      return BpfObject.open(object + ".bpf.o").without(later).load();
    }
  }
}
