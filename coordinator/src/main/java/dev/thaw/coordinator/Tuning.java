package dev.thaw.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.coordinator.api.AdminSettings;
import dev.thaw.coordinator.feed.FeedSettings;
import dev.thaw.coordinator.gate.PrometheusSettings;
import dev.thaw.coordinator.local.LocalSettings;
import dev.thaw.coordinator.local.RestartSettings;
import dev.thaw.coordinator.workload.WriterSettings;
import dev.thaw.persistence.JournalSettings;

/** All that a coordinator's reference.conf and its journal's say, a record per section. */
public record Tuning(
    WriterSettings writer,
    LocalSettings local,
    RestartSettings restart,
    PrometheusSettings prometheus,
    FeedSettings feed,
    AdminSettings admin,
    JournalSettings journal) {

  /**
   * As shipped, with what system properties override.
   *
   * @throws IllegalArgumentException a sentence with key, value and what is accepted
   */
  public static Tuning load() {
    return from(ConfigFactory.load("thaw-coordinator"));
  }

  /**
   * From a configuration that holds every key.
   *
   * @throws IllegalArgumentException as for {@link #load}
   */
  public static Tuning from(Config root) {
    return new Tuning(
        WriterSettings.from(root),
        LocalSettings.from(root),
        RestartSettings.from(root),
        PrometheusSettings.from(root),
        FeedSettings.from(root),
        AdminSettings.from(root),
        JournalSettings.from(root));
  }
}
