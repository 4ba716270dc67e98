package dev.thaw.coordinator.feed;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;

/**
 * How much of the feed is kept.
 *
 * @param kept lines per pod
 * @param lag lines a follower may lag behind before it misses some
 */
public record FeedSettings(int kept, int lag) {
  private static final String PATH = "thaw.coordinator.feed";

  public FeedSettings {
    Bounds.check(PATH + ".kept", kept, 10, 10_000);
    Bounds.check(PATH + ".lag", lag, 10, 100_000);
  }

  /** From the coordinator's configuration. */
  public static FeedSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new FeedSettings(keys.count("kept"), keys.count("lag"));
  }
}
