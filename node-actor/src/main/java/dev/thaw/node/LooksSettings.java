package dev.thaw.node;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;

/**
 * How /proc is looked at.
 *
 * @param threads of the dispatcher on which that is done
 */
record LooksSettings(int threads) {
  private static final String PATH = "thaw.node.looks";

  LooksSettings {
    Bounds.check(PATH + ".threads", threads, 1, 16);
  }

  /** From the node's configuration. */
  static LooksSettings from(Config root) {
    return new LooksSettings(Keys.of(root, PATH).count("threads"));
  }
}
