package dev.thaw.bpf;

import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Preflight;
import java.util.Optional;

/** Looks at the machine from wherever a test has put it, in namespaces of its own. */
final class PreflightElsewhere {
  private PreflightElsewhere() {}

  /** Arguments: whether to load too. */
  public static void main(String[] arguments) {
    boolean load = Boolean.parseBoolean(arguments[0]);
    Preflight preflight =
        Preflight.judge(
            load ? Machine.lookAndLoad(Optional.empty()) : Machine.look(Optional.empty()));
    for (Check check : preflight.checks()) {
      System.out.println(
          String.join("|", check.name(), check.verdict().word(), check.found(), check.cure()));
    }
  }
}
