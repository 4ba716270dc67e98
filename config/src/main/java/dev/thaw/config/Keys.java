package dev.thaw.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.util.function.Function;

/**
 * One section of the configuration, such as {@code thaw.coordinator.local}: reads its keys. A value
 * of the wrong kind is refused in one sentence with key, value and what is accepted; a key that is
 * missing is a fault of the build, for {@code reference.conf} holds every key.
 */
public final class Keys {
  private final Config section;
  private final String path;

  private Keys(Config section, String path) {
    this.section = section;
    this.path = path;
  }

  /** The section at {@code path}. */
  public static Keys of(Config root, String path) {
    return new Keys(root.getConfig(path), path);
  }

  /** A time such as {@code 5s} or {@code 200ms}. */
  public Duration duration(String key) {
    return read(key, section::getDuration, "a time such as 5s or 200ms");
  }

  /** A whole number. */
  public int count(String key) {
    return read(key, section::getInt, "a whole number");
  }

  /** A number of bytes such as {@code 4MiB}. */
  public long bytes(String key) {
    return read(key, section::getBytes, "a size such as 4MiB");
  }

  private <T> T read(String key, Function<String, T> reading, String accepted) {
    try {
      return reading.apply(key);
    } catch (ConfigException.Missing absent) {
      throw absent;
    } catch (ConfigException wrong) {
      throw new IllegalArgumentException(
          "%s.%s: %s (expected: %s)"
              .formatted(path, key, section.getValue(key).unwrapped(), accepted),
          wrong);
    }
  }
}
