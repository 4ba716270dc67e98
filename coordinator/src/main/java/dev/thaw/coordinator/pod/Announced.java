package dev.thaw.coordinator.pod;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Of what people have been told. Bounded however long a start lives and however often it listens
 * anew: of the single events the latest are known, and of each kind whether there was one.
 *
 * @param kinds such as {@code listen}
 * @param latest events with their moments, oldest first
 */
record Announced(Set<String> kinds, List<String> latest) {
  static final int LATEST = 256;
  static final Announced NOTHING = new Announced(Set.of(), List.of());

  Announced {
    kinds = Set.copyOf(kinds);
    latest = List.copyOf(latest);
  }

  /** Whether people have been told of this very event; of one long ago that is not known. */
  boolean has(String event, long atNanos) {
    return latest.contains(key(event, atNanos));
  }

  /** Whether people have been told of any of this kind. */
  boolean has(String event) {
    return kinds.contains(event);
  }

  Announced and(String event, long atNanos) {
    var allKinds = new TreeSet<>(kinds);
    allKinds.add(event);
    var all = new ArrayList<>(latest);
    all.add(key(event, atNanos));
    return new Announced(allKinds, all.subList(Math.max(0, all.size() - LATEST), all.size()));
  }

  private static String key(String event, long atNanos) {
    return event + "@" + atNanos;
  }
}
