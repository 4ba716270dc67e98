package dev.thaw.app.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * A page that needs nothing beside itself: markup, style, script, the charting library and the data
 * in one file.
 */
final class Page {

  private Page() {}

  /**
   * The page of this name in our resources, with its data.
   *
   * @param json what its script finds in the element {@code data}
   */
  static String of(String name, String json) throws IOException {
    // the data come last: a text in them may name a place of ours, or hold markup
    return resource("page.html")
        .replace("@TITLE@", "thaw: " + name)
        .replace("@STYLE@", resource("page.css"))
        .replace("@LIBRARY@", resource("charts/echarts.min.js"))
        .replace("@COMMON@", resource("page.js"))
        .replace("@SCRIPT@", resource(name + ".js"))
        .replace("@DATA@", json.replace("<", "\\u003c"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = Page.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException(name + " is missing from this build: run make build");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
