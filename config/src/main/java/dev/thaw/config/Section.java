package dev.thaw.config;

import dev.thaw.config.YamlValue.Fields;
import java.util.List;
import java.util.Map;

/** One section of a policy while it is read: its fields by key, and where problems go. */
final class Section {

  private final String path;
  private final Fields fields;
  private final Problems problems;

  Section(String path, Fields fields, Problems problems) {
    this.path = path;
    this.fields = fields;
    this.problems = problems;
  }

  /** The same section with {@code defaults} where it says nothing. */
  Section over(Fields defaults) {
    return new Section(path, fields.over(defaults), problems);
  }

  /** What stands at this key, perhaps nothing. */
  Spot at(String key) {
    YamlValue value = fields.values().get(key);
    String at = path.isEmpty() ? key : path + "." + key;
    return new Spot(at, value, value == null ? fields.place() : value.place(), problems);
  }

  boolean has(String key) {
    return fields.values().containsKey(key);
  }

  /** Nothing that has been read so far was refused: a record may be built. */
  boolean sound() {
    return problems.none();
  }

  /** Refuses every key but these, naming the nearest of them. */
  Section onlyKeys(String... known) {
    for (Map.Entry<String, Place> key : fields.keys().entrySet()) {
      if (!List.of(known).contains(key.getKey())) {
        problems.add(
            path.isEmpty() ? key.getKey() : path + "." + key.getKey(),
            key.getValue(),
            Nearest.of(key.getKey(), known)
                .map(near -> "unknown key, did you mean " + near + "?")
                .orElse("unknown key"),
            String.join(", ", known));
      }
    }
    return this;
  }
}
