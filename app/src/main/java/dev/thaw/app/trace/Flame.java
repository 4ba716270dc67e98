package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import dev.thaw.bpf.Symboliser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Stacks of samples merged where they agree: a tree whose widths are processor time. Children stand
 * in the order in which they first ran, so that a start reads from left to right. Not thread-safe.
 */
final class Flame {
  private static final String UNNAMED = "[unknown frames]";

  private final String name;
  private final Map<String, Flame> children = new LinkedHashMap<>();
  private int samples;

  private Flame(String name) {
    this.name = name;
  }

  /** A rectangle: {@code from} and {@code samples} count samples, {@code depth} frames. */
  record Box(String name, int depth, int from, int samples) {}

  /**
   * @param first the frame below all others of a sample, such as its phase
   */
  static Flame of(List<Sample> samples, List<List<String>> stacks, Function<Sample, String> first) {
    var root = new Flame("all");
    for (Sample sample : samples) {
      root.samples++;
      Flame at = root.child(first.apply(sample));
      for (String frame : folded(stacks.get(sample.stack()))) {
        at = at.child(frame);
      }
    }
    return root;
  }

  /** Frames without a name say no more when they are many: a row of them is one. */
  private static List<String> folded(List<String> stack) {
    var folded = new ArrayList<String>();
    for (int from = 0; from < stack.size(); ) {
      int to = from + 1;
      while (to < stack.size()
          && stack.get(from).equals(Symboliser.UNKNOWN)
          && stack.get(to).equals(Symboliser.UNKNOWN)) {
        to++;
      }
      folded.add(to - from == 1 ? stack.get(from) : UNNAMED);
      from = to;
    }
    return folded;
  }

  private Flame child(String frame) {
    Flame child = children.computeIfAbsent(frame, Flame::new);
    child.samples++;
    return child;
  }

  /** All of it as rectangles, the root first; those of fewer samples are left out. */
  List<Box> boxes(int least) {
    var boxes = new ArrayList<Box>();
    boxes(0, 0, Math.max(1, least), boxes);
    return boxes;
  }

  private void boxes(int depth, int from, int least, List<Box> into) {
    into.add(new Box(name, depth, from, samples));
    int at = from;
    for (Flame child : children.values()) {
      if (child.samples >= least) {
        child.boxes(depth + 1, at, least, into);
      }
      at += child.samples;
    }
  }
}
