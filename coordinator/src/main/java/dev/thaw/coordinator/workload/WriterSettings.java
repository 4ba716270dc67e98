package dev.thaw.coordinator.workload;

import com.typesafe.config.Config;
import dev.thaw.config.Bounds;
import dev.thaw.config.Keys;
import java.time.Duration;

/**
 * How a writer and its planes keep in touch.
 *
 * @param again between two times that what is still owed is done
 * @param renew between two renewals of a plane's subscription
 * @param subscription after how long without one a plane holds nobody up any more
 */
public record WriterSettings(Duration again, Duration renew, Duration subscription) {
  private static final String PATH = "thaw.coordinator.writer";
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  public WriterSettings {
    Bounds.check(PATH + ".again", again, SECOND, MINUTE);
    Bounds.check(PATH + ".renew", renew, SECOND, MINUTE);
    Bounds.check(
        PATH + ".subscription", subscription, renew.multipliedBy(2), MINUTE.multipliedBy(10));
  }

  /** From the coordinator's configuration. */
  public static WriterSettings from(Config root) {
    Keys keys = Keys.of(root, PATH);
    return new WriterSettings(
        keys.duration("again"), keys.duration("renew"), keys.duration("subscription"));
  }
}
