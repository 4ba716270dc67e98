package dev.thaw.node;

import dev.thaw.protocol.v1.FromNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * A node in a process of its own, whose coordinator never takes the first signal it is told: all
 * that the kernel tells from then on is taken out of the ring and told to nobody.
 */
final class DeafAgent {
  /** What it prints by then. */
  static final String HELD_UP = "held up";

  private DeafAgent() {}

  /** Arguments: the rig's folder, then the command of its pod's process. */
  public static void main(String[] arguments) throws InterruptedException {
    new NodeRig(Path.of(arguments[0]), DeafAgent::hear)
        .start(Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static void hear(FromNode message) {
    if (message.hasSignal()) {
      System.out.println(HELD_UP);
      while (true) {
        LockSupport.park();
      }
    }
  }
}
