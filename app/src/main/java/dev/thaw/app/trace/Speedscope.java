package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The clock's stacks in the file format of speedscope, one profile per thread: its time line shows
 * the start as it went. There is none without a sample, which speedscope would refuse. Pure.
 */
final class Speedscope {
  private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

  private Speedscope() {}

  /**
   * The file's content, for a JSON writer.
   *
   * @param periodNanos processor time that a sample stands for
   */
  static Map<String, Object> of(Start start, String name, long periodNanos) {
    var frames = new LinkedHashMap<String, Integer>();
    Map<Integer, List<Sample>> threads = new TreeMap<>();
    for (Sample sample : start.samples()) {
      if (!sample.fault()) {
        threads.computeIfAbsent(sample.thread(), none -> new ArrayList<>()).add(sample);
      }
    }
    var profiles = new ArrayList<Map<String, Object>>();
    threads.entrySet().stream()
        .sorted((a, b) -> b.getValue().size() - a.getValue().size())
        .forEach(
            thread ->
                profiles.add(
                    profile(
                        "thread " + thread.getKey(),
                        thread.getValue(),
                        start.stacks(),
                        frames,
                        periodNanos)));
    var file = new LinkedHashMap<String, Object>();
    file.put("$schema", SCHEMA);
    file.put("name", name);
    file.put("exporter", "thaw trace");
    file.put("activeProfileIndex", 0);
    file.put(
        "shared",
        Map.of("frames", frames.keySet().stream().map(frame -> Map.of("name", frame)).toList()));
    file.put("profiles", profiles);
    return file;
  }

  private static List<String> named(List<String> stack) {
    return stack.isEmpty() ? List.of(Report.NO_STACK) : stack;
  }

  private static Map<String, Object> profile(
      String name,
      List<Sample> samples,
      List<List<String>> stacks,
      Map<String, Integer> frames,
      long period) {
    var indexed = new ArrayList<List<Integer>>();
    var weights = new ArrayList<Long>();
    Map<Integer, List<Integer>> known = new HashMap<>();
    for (Sample sample : samples) {
      indexed.add(
          known.computeIfAbsent(
              sample.stack(),
              stack ->
                  named(stacks.get(stack)).stream()
                      .map(frame -> frames.computeIfAbsent(frame, none -> frames.size()))
                      .toList()));
      weights.add(period);
    }
    var profile = new LinkedHashMap<String, Object>();
    profile.put("type", "sampled");
    profile.put("name", name);
    profile.put("unit", "nanoseconds");
    profile.put("startValue", 0);
    profile.put("endValue", period * samples.size());
    profile.put("samples", indexed);
    profile.put("weights", weights);
    return profile;
  }
}
