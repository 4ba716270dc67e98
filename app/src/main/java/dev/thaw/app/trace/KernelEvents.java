package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sample;
import dev.thaw.app.trace.Start.Sleep;
import dev.thaw.app.trace.Start.Step;
import dev.thaw.app.trace.Start.Wait;
import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartImage;
import dev.thaw.bpf.Symboliser;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Sorts what the kernel told of a start into what a {@link Start} is made of; times count from its
 * exec. One thread.
 */
final class KernelEvents {
  /** Shorter waits are not told one by one. */
  private static final long SHORTEST_WAIT = 1_000_000;

  private static final long SHORTEST_SLEEP = 200_000;

  private final Symboliser symboliser;
  private final Map<Path, StartImage> images;
  private final OptionalInt port;
  private final long zero;
  private final List<Step> found = new ArrayList<>();
  private final List<PackageInits.Entry> entries = new ArrayList<>();
  private final Set<Long> initialised = new HashSet<>();
  private final Stacks stacks = new Stacks();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Wait> waits = new ArrayList<>();
  private final List<Sleep> sleeps = new ArrayList<>();
  private int mainThread;
  private Optional<StartImage> running = Optional.empty();

  /**
   * @param port whose listener counts; empty: the first
   * @param zero CLOCK_MONOTONIC of the exec
   */
  KernelEvents(Symboliser symboliser, Map<Path, StartImage> images, OptionalInt port, long zero) {
    this.symboliser = symboliser;
    this.images = images;
    this.port = port;
    this.zero = zero;
  }

  /** In order of time. */
  void add(Sight.Seen seen) {
    ProfileEvent event = seen.event();
    long at = event.atNanos() - zero;
    if (at < 0) {
      return; // the shell that was to become the command
    }
    if (event instanceof ProfileEvent.Exec exec) {
      running = image(exec.path()).or(() -> images.values().stream().findFirst());
      mainThread = hasListened() ? mainThread : exec.tid();
      found.add(new Step(found.isEmpty() ? Start.EXEC : "exec " + name(exec.path()), at));
    } else if (event instanceof ProfileEvent.Listen listen) {
      found.add(new Step(listener(listen.address().getPort()), at));
    } else if (event instanceof ProfileEvent.Step step) {
      step(step, at);
    } else if (event instanceof ProfileEvent.Sample sample) {
      samples.add(new Sample(at, sample.tid(), stacks.index(seen.space(), sample), sample.fault()));
    } else if (event instanceof ProfileEvent.OffCpu off && off.runnableNanos() != 0) {
      offCpu(off, at, seen.space());
    }
  }

  private void step(ProfileEvent.Step step, long at) {
    if (!step.name().startsWith("runtime.doInit")) {
      found.add(new Step(step.name(), at));
      mainThread = step.name().equals("runtime.main") ? step.tid() : mainThread;
    } else if (initialised.add(step.argument())) { // asked for again, it has nothing to do
      entries.add(
          new PackageInits.Entry(
              at,
              running.flatMap(
                  image -> image.packageOf(step.name(), step.argument(), step.place()))));
    }
  }

  private void offCpu(ProfileEvent.OffCpu off, long at, int space) {
    long ready = Math.max(0, off.runnableNanos() - zero);
    long since = off.sinceNanos() - zero;
    if (at - ready >= SHORTEST_WAIT) {
      waits.add(new Wait(off.tid(), ready, at));
    }
    if (ready - since >= SHORTEST_SLEEP && !hasListened()) {
      List<String> stack = symboliser.stack(space, new long[0], off.kernel());
      sleeps.add(new Sleep(off.tid(), Math.max(0, since), ready, Sleeps.in(stack)));
    }
  }

  private boolean hasListened() {
    return found.stream().anyMatch(step -> step.name().equals(Start.LISTEN));
  }

  /** The one that counts, or another. */
  private String listener(int at) {
    boolean counts = port.isPresent() ? port.getAsInt() == at : !hasListened();
    return counts ? Start.LISTEN : Start.OTHER_LISTENER + at;
  }

  private Optional<StartImage> image(String path) {
    try {
      return Optional.ofNullable(images.get(Path.of(path)));
    } catch (InvalidPathException e) {
      return Optional.empty(); // a name that this locale cannot spell
    }
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  List<Step> steps() {
    return found;
  }

  /** Entries of Go's package initialiser. */
  List<PackageInits.Entry> initialisers() {
    return entries;
  }

  /** Distinct stacks, which samples name by index. */
  List<List<String>> stacks() {
    return stacks.names;
  }

  List<Sample> samples() {
    return samples;
  }

  List<Wait> waits() {
    return waits;
  }

  /** The one that runs package init, or else the program's first; 0 when unknown. */
  int mainThread() {
    return mainThread;
  }

  List<Sleep> sleeps() {
    return sleeps;
  }

  /** Names each distinct stack once. */
  private final class Stacks {
    private final Map<Key, Integer> known = new HashMap<>();
    private final Map<List<String>, Integer> byNames = new HashMap<>();
    final List<List<String>> names = new ArrayList<>();

    private record Key(int space, List<Long> addresses) {}

    int index(int space, ProfileEvent.Sample sample) {
      var addresses = new ArrayList<Long>();
      Arrays.stream(sample.user()).forEach(addresses::add);
      Arrays.stream(sample.kernel()).forEach(addresses::add);
      return known.computeIfAbsent(
          new Key(space, addresses),
          key ->
              byNames.computeIfAbsent(
                  symboliser.stack(space, sample.user(), sample.kernel()),
                  stack -> {
                    names.add(stack);
                    return names.size() - 1;
                  }));
    }
  }
}
