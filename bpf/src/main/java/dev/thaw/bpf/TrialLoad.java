package dev.thaw.bpf;

import dev.thaw.bpf.preflight.Findings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Loads our objects as those that use them would, and leaves nothing behind. */
final class TrialLoad {
  private static final Map<String, Supplier<BpfObject>> LOADING =
      Map.of(
          "balance", () -> load("balance", Balancer.LISTENER_HOOKS.get(0)),
          "pressure", () -> BpfObject.open("pressure.bpf.o").load(),
          "profile", StartProfile::load,
          "startup", () -> load("startup", StartupWatch.EXEC_HOOKS.get(0)),
          "stop", () -> BpfObject.open("stop.bpf.o").load());

  private TrialLoad() {}

  /** {@code cgroup}: where a run would balance. */
  static Findings.Load run(Path cgroup) {
    var refusals = new TreeMap<String, String>();
    var details = new ArrayList<String>();
    var layouts = new ArrayList<String>();
    for (var each : new TreeMap<>(LOADING).entrySet()) {
      String name = each.getKey();
      try (BpfObject object = each.getValue().get()) {
        MapLayout.OBJECTS
            .getOrDefault(name, List.of())
            .forEach(
                layout -> layout.difference(object.mapFd(layout.map())).ifPresent(layouts::add));
        refusals.put(name, "");
      } catch (BpfException e) {
        refusals.put(name, reason(name, e));
        details.add(e.detail());
      }
    }
    return new Findings.Load(
        refusals, String.join("\n", details), List.copyOf(layouts), Canary.fly(cgroup));
  }

  /** Without the object's name: others may be refused for the same reason. */
  private static String reason(String object, BpfException refused) {
    return String.valueOf(refused.getMessage())
        .replace("the kernel refused " + object + ".bpf.o: ", "");
  }

  /** Without the program that later kernels only take, where the whole is refused. */
  private static BpfObject load(String object, String later) {
    try {
      return BpfObject.open(object + ".bpf.o").load();
    } catch (BpfException e) {
      return BpfObject.open(object + ".bpf.o").without(later).load();
    }
  }
}
