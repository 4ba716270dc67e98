package dev.thaw.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML node reduced to what a policy may be made of, with its place in the text. */
sealed interface YamlValue {

  Place place();

  /** How a problem shows it. */
  String shown();

  /** A scalar by its text; {@code plain}: not quoted, so that it may be a number or null. */
  record Scalar(String text, boolean plain, Place place) implements YamlValue {
    boolean isNull() {
      return plain && (text.isEmpty() || text.equals("null") || text.equals("~"));
    }

    @Override
    public String shown() {
      if (isNull()) {
        return "null";
      }
      return plain ? text : '"' + text + '"';
    }
  }

  record Items(List<YamlValue> values, Place place) implements YamlValue {
    @Override
    public String shown() {
      return "a list of " + values.size();
    }
  }

  /** Values by key, in the order written; {@code keys} holds the place of each key. */
  record Fields(Map<String, YamlValue> values, Map<String, Place> keys, Place place)
      implements YamlValue {

    /** These fields, and what {@code defaults} says where they say nothing, all the way down. */
    Fields over(Fields defaults) {
      Map<String, YamlValue> merged = new LinkedHashMap<>(defaults.values);
      values.forEach((key, value) -> merged.merge(key, value, Fields::merge));
      Map<String, Place> mergedKeys = new LinkedHashMap<>(defaults.keys);
      mergedKeys.putAll(keys);
      return new Fields(merged, mergedKeys, place);
    }

    private static YamlValue merge(YamlValue standard, YamlValue said) {
      return standard instanceof Fields below && said instanceof Fields above
          ? above.over(below)
          : said;
    }

    @Override
    public String shown() {
      return "a section";
    }
  }
}
