package dev.thaw.config;

import dev.thaw.config.YamlValue.Fields;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The defaults and presets that come with Thaw, as the YAML resources beside this class. */
final class Shipped {

  private static final Fields DEFAULTS = load("defaults.yaml");

  private Shipped() {}

  /** What a policy says if it does not say otherwise. */
  static Fields spec() {
    return section(DEFAULTS, "spec");
  }

  /** What a section says, once it is there, if it does not say otherwise. */
  static Fields whenPresent(String section) {
    return section(section(DEFAULTS, "whenPresent"), section);
  }

  /** The {@code birth} section of a preset, by its resource. */
  static Fields preset(String resource) {
    return load(resource);
  }

  private static Fields section(Fields fields, String key) {
    if (fields.values().get(key) instanceof Fields found) {
      return found;
    }
    throw new IllegalStateException("defaults.yaml has no section " + key);
  }

  private static Fields load(String name) {
    Problems problems = new Problems(name);
    try (InputStream resource = Shipped.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("missing from the class path: " + name);
      }
      String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
      return YamlSource.read(text, true, problems)
          .orElseThrow(() -> new IllegalStateException(problems.inOrder().toString()));
    } catch (IOException unreadable) {
      throw new IllegalStateException("cannot be read: " + name, unreadable);
    }
  }
}
