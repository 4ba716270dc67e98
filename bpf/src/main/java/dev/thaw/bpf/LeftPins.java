package dev.thaw.bpf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pins that another build of Thaw has left for a run, which this one cannot go on with. */
public final class LeftPins {
  private LeftPins() {}

  /**
   * Those of a run whose maps are of another version or layout.
   *
   * @param run the folder that the run's pins are below
   */
  public static List<Pins> ofAnotherBuild(Path run) {
    var strange = new ArrayList<Pins>();
    Pins startup = new Pins(run.resolve("startup"));
    if (StartupWatch.isPinned(startup)
        && !fit("startup", startup, () -> StartupState.checkVersion(startup))) {
      strange.add(startup);
    }
    Pins balance = new Pins(run.resolve("balance"));
    if (Balancer.isPinned(balance)
        && !fit("balance", balance, () -> PinnedBalance.checkVersion(balance))) {
      strange.add(balance);
    }
    return strange;
  }

  /** The layout first: of maps that are laid out otherwise the version must not even be read. */
  private static boolean fit(String object, Pins pins, Runnable version) {
    if (!MapLayout.differences(object, pins).isEmpty()) {
      return false;
    }
    try {
      version.run();
      return true;
    } catch (BpfException e) {
      return false;
    }
  }
}
