package dev.thaw.node;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;

/**
 * Who may subscribe to a node's starts.
 *
 * @param subscribers at once
 * @param ofOneUser of these, so that nobody keeps the others out
 */
record StartsSettings(int subscribers, int ofOneUser) {
  private static final String PATH = "thaw.node.starts";

  StartsSettings {
    Bounds.check(PATH + ".subscribers", subscribers, 1, 1024);
    Bounds.check(PATH + ".of-one-user", ofOneUser, 1, subscribers);
  }

  /** From the node's configuration. */
  static StartsSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new StartsSettings(keys.count("subscribers"), keys.count("of-one-user"));
  }
}
