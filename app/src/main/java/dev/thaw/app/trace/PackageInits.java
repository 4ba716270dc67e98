package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Alignment;
import dev.thaw.app.trace.Start.PackageInit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Puts Go's own times of package initialisation on the kernel's clock. The probes on the
 * initialiser are exact but know no sizes, and no names in a stripped program; Go's trace knows
 * both but counts from a moment nobody sees. Together they tell how far apart they are.
 *
 * @param packages in order of time
 * @param alignment empty without Go's trace
 */
record PackageInits(List<PackageInit> packages, Optional<Alignment> alignment) {

  /** First elements of the standard library's paths. */
  private static final Set<String> OF_GO =
      Set.of(
          ("archive bufio bytes cmp compress container context crypto database debug embed encoding"
                  + " errors expvar flag fmt go hash html image index internal io iter log maps"
                  + " math mime net os path plugin reflect regexp runtime slices sort strconv"
                  + " strings structs sync syscall testing text time unicode unique unsafe vendor"
                  + " weak")
              .split(" "));

  private static final String NAMELESS = "(stripped)";

  /**
   * An entry of the initialiser.
   *
   * @param name empty in a stripped program
   */
  record Entry(long at, Optional<String> name) {}

  /**
   * @param entries by probe, in order; empty without the kernel's view
   * @param trace as Go printed it
   * @param runtimeMain when runtime.main was entered, where that was seen
   * @param mainMain when main.main was entered: the end of the last package
   */
  static PackageInits of(
      List<Entry> entries, List<InitTrace> trace, OptionalLong runtimeMain, OptionalLong mainMain) {
    if (entries.isEmpty()) {
      return byTrace(trace, runtimeMain);
    }
    List<Integer> pairs = pair(entries, trace);
    var packages = new ArrayList<PackageInit>();
    long offset = offset(entries, trace, pairs, runtimeMain);
    long error = 0;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      long end = i + 1 < entries.size() ? entries.get(i + 1).at() : mainMain.orElse(entry.at());
      int traced = pairs.get(i);
      if (traced < 0) {
        packages.add(
            new PackageInit(
                entry.name().map(PackageInits::path).orElse(NAMELESS),
                entry.at(),
                end - entry.at(),
                -1,
                -1));
        continue;
      }
      InitTrace said = trace.get(traced);
      error = Math.max(error, Math.abs(said.at() + offset - entry.at()));
      // Go's own duration leaves out what happens between two packages, such as gcenable
      long duration = Math.min(end - entry.at(), said.duration());
      packages.add(
          new PackageInit(
              path(said.name()), entry.at(), duration, said.bytes(), said.allocations()));
    }
    return new PackageInits(
        packages,
        pairs.stream().allMatch(pair -> pair < 0)
            ? Optional.empty()
            : Optional.of(
                new Alignment(
                    offset,
                    error,
                    "Go's times compared with a probe on each of "
                        + pairs.stream().filter(p -> p >= 0).count()
                        + " package initialisers")));
  }

  /** Index of each entry's line in the trace, -1 for none: by name, or by order when stripped. */
  private static List<Integer> pair(List<Entry> entries, List<InitTrace> trace) {
    var byName = new HashMap<String, Integer>();
    for (int i = 0; i < trace.size(); i++) {
      byName.putIfAbsent(trace.get(i).name(), i);
    }
    boolean named = entries.stream().anyMatch(entry -> entry.name().isPresent());
    boolean sameCount = entries.size() == trace.size();
    var pairs = new ArrayList<Integer>();
    for (int i = 0; i < entries.size(); i++) {
      pairs.add(
          named
              ? entries.get(i).name().map(name -> byName.getOrDefault(name, -1)).orElse(-1)
              : sameCount ? i : -1);
    }
    return pairs;
  }

  /** The middle of the differences: one late probe does not move it. */
  private static long offset(
      List<Entry> entries, List<InitTrace> trace, List<Integer> pairs, OptionalLong runtimeMain) {
    var differences = new ArrayList<Long>();
    for (int i = 0; i < entries.size(); i++) {
      if (pairs.get(i) >= 0) {
        differences.add(entries.get(i).at() - trace.get(pairs.get(i)).at());
      }
    }
    differences.sort(null);
    return differences.isEmpty() ? runtimeMain.orElse(0) : differences.get(differences.size() / 2);
  }

  private static PackageInits byTrace(List<InitTrace> trace, OptionalLong runtimeMain) {
    if (trace.isEmpty()) {
      return new PackageInits(List.of(), Optional.empty());
    }
    long offset = runtimeMain.orElse(0);
    List<PackageInit> packages =
        trace.stream()
            .map(
                said ->
                    new PackageInit(
                        path(said.name()),
                        said.at() + offset,
                        said.duration(),
                        said.bytes(),
                        said.allocations()))
            .toList();
    return new PackageInits(
        packages,
        Optional.of(
            runtimeMain.isPresent()
                ? new Alignment(
                    offset,
                    1_000_000,
                    "counted from the entry of runtime.main, which Go does a little later")
                : new Alignment(
                    0,
                    50_000_000,
                    "counted from exec, for want of the entry of runtime.main: all of it is later in truth")));
  }

  /** As it is imported: in symbols the dots of a path's last element are spelt out. */
  private static String path(String name) {
    return name.replace("%2e", ".");
  }

  /** Whether a package is of Go's own library, which a program cannot change. */
  static boolean comesWithGo(String name) {
    int slash = name.indexOf('/');
    return OF_GO.contains(slash < 0 ? name : name.substring(0, slash));
  }

  /** The most expensive first, of those that have names. */
  static List<PackageInit> costly(List<PackageInit> packages, int most) {
    Map<String, PackageInit> merged = new HashMap<>();
    packages.stream()
        .filter(each -> !each.name().equals(NAMELESS))
        .forEach(
            each ->
                merged.merge(
                    each.name(),
                    each,
                    (a, b) ->
                        new PackageInit(
                            a.name(),
                            Math.min(a.at(), b.at()),
                            a.duration() + b.duration(),
                            a.bytes() + b.bytes(),
                            a.allocations() + b.allocations())));
    return merged.values().stream()
        .sorted((a, b) -> Long.compare(b.duration(), a.duration()))
        .limit(most)
        .toList();
  }
}
