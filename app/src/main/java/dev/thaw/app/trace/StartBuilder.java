package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import dev.thaw.app.trace.Start.Connection;
import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.Start.Reading;
import dev.thaw.app.trace.Start.Recording;
import dev.thaw.app.trace.Start.Sample;
import dev.thaw.app.trace.Start.Sleep;
import dev.thaw.app.trace.Start.Step;
import dev.thaw.app.trace.Start.Wait;
import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartImage;
import dev.thaw.bpf.Symboliser;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.MemoryGroup;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Collects a start while it happens, all on CLOCK_MONOTONIC, and puts it together from its exec on.
 * Calls come from the caller's thread; recordings from another.
 */
final class StartBuilder {
  /** Shorter waits are not told one by one. */
  private static final long SHORTEST_WAIT = 1_000_000;

  private static final long SHORTEST_SLEEP = 200_000;

  private final Symboliser symboliser;
  private final Map<Path, StartImage> images;
  private final OptionalInt port;

  /**
   * System.nanoTime is CLOCK_MONOTONIC in every JVM on Linux; should it not be, this makes it so.
   */
  private final long clockOffset = Clocks.monotonicNanos() - System.nanoTime();

  private final Map<String, Long> steps = new LinkedHashMap<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Recording> recordings = new ArrayList<>();
  private final List<String> lost = new ArrayList<>();
  private @Nullable FirstConnection first;
  private List<Connection> warm = List.of();
  private List<KeyExchange> keyExchange = List.of();
  private List<Reading> readings = List.of();
  private List<String> output = List.of();
  private String end = "";

  /**
   * @param port whose listener counts; empty: the first
   */
  StartBuilder(Symboliser symboliser, Map<Path, StartImage> images, OptionalInt port) {
    this.symboliser = symboliser;
    this.images = images;
    this.port = port;
  }

  /** A time of {@link System#nanoTime} on CLOCK_MONOTONIC. */
  long clock(long nanoTime) {
    return nanoTime + clockOffset;
  }

  /** The first time counts. */
  void step(String name, long nanoTime) {
    steps.putIfAbsent(name, clock(nanoTime));
  }

  boolean has(String step) {
    return steps.containsKey(step);
  }

  void first(FirstConnection connection) {
    first = connection;
  }

  void call(Call call) {
    calls.add(call);
  }

  /** How the server speaks was found out by asking in another way. */
  void foundOut(String speech) {
    lost.add(
        "the coldest connection: it went on finding out that the server speaks "
            + speech
            + "; --tls, --http and --grpc say so beforehand");
  }

  /** A gRPC server without health service: its refusal is an answer too. */
  void withoutHealthService() {
    String line =
        "a successful call: the server has no health service, its UNIMPLEMENTED counts as served; --grpc SERVICE/METHOD calls another";
    if (!lost.contains(line)) {
      lost.add(line);
    }
  }

  /**
   * @param begin index of the plateau's first call, -1 for none
   */
  void plateau(int begin) {
    if (begin >= 0) {
      steps.put(Start.PLATEAU, calls.get(begin).at());
    } else {
      lost.add("a plateau: none within " + calls.size() + " requests");
    }
  }

  void warmConnections(List<Connection> connections) {
    warm = connections;
  }

  void keyExchange(List<KeyExchange> measured) {
    keyExchange = measured;
  }

  synchronized void recording(Recording recording) {
    recordings.add(recording);
  }

  void readings(List<Reading> taken) {
    readings = taken;
  }

  void memory(MemoryGroup group) {
    long kills = group.kills().orElse(0);
    if (kills > 0) {
      end("killed for want of memory");
    }
  }

  void output(List<String> lines) {
    output = lines;
  }

  /** How it went, when it did not go to its end. */
  void end(String how) {
    end = end.isEmpty() ? how : end + "; " + how;
  }

  /** All times from the first exec on. */
  Start build(List<Sight.Seen> seen, List<String> unseen) {
    long zero =
        seen.stream()
            .map(Sight.Seen::event)
            .filter(ProfileEvent.Exec.class::isInstance)
            .mapToLong(ProfileEvent::atNanos)
            .findFirst()
            .orElse(readings.isEmpty() ? 0 : readings.get(0).at());
    var found = new ArrayList<Step>();
    var entries = new ArrayList<PackageInits.Entry>();
    var initialised = new HashSet<Long>();
    var stacks = new Stacks();
    var samples = new ArrayList<Sample>();
    var waits = new ArrayList<Wait>();
    var sleeps = new ArrayList<Sleep>();
    int mainThread = 0;
    Optional<StartImage> running = Optional.empty();
    for (Sight.Seen each : seen) {
      ProfileEvent event = each.event();
      long at = event.atNanos() - zero;
      if (at < 0) {
        continue; // the shell that was to become the command
      }
      if (event instanceof ProfileEvent.Exec exec) {
        running = image(exec.path()).or(() -> images.values().stream().findFirst());
        mainThread = at(found, Start.LISTEN).isEmpty() ? exec.tid() : mainThread;
        found.add(new Step(found.isEmpty() ? Start.EXEC : "exec " + name(exec.path()), at));
      } else if (event instanceof ProfileEvent.Listen listen) {
        found.add(new Step(listener(found, listen.address().getPort()), at));
      } else if (event instanceof ProfileEvent.Step step) {
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
      } else if (event instanceof ProfileEvent.Sample sample) {
        samples.add(
            new Sample(at, sample.tid(), stacks.index(each.space(), sample), sample.fault()));
      } else if (event instanceof ProfileEvent.OffCpu off && off.runnableNanos() != 0) {
        long from = Math.max(0, off.runnableNanos() - zero);
        if (at - from >= SHORTEST_WAIT) {
          waits.add(new Wait(off.tid(), from, at));
        }
        if (from - (off.sinceNanos() - zero) >= SHORTEST_SLEEP
            && at(found, Start.LISTEN).isEmpty()) {
          sleeps.add(
              new Sleep(
                  off.tid(),
                  Math.max(0, off.sinceNanos() - zero),
                  from,
                  Sleeps.in(symboliser.stack(each.space(), new long[0], off.kernel()))));
        }
      }
    }
    steps.forEach((name, at) -> found.add(new Step(name, at - zero)));
    found.sort(Comparator.comparingLong(Step::at));
    PackageInits inits =
        PackageInits.of(
            entries, InitTrace.parse(output), at(found, "runtime.main"), at(found, "main.main"));
    List<String> others =
        found.stream()
            .filter(step -> step.name().startsWith(Start.OTHER_LISTENER))
            .map(step -> step.name().substring(Start.OTHER_LISTENER.length()))
            .distinct()
            .toList();
    if (!has(Start.FIRST_200) && !others.isEmpty()) {
      end("it listens on " + String.join(" and ", others) + " too (--port says which counts)");
    }
    var allLost = new ArrayList<>(unseen);
    allLost.addAll(lost);
    return new Start(
        zero,
        found,
        inits.packages(),
        inits.alignment(),
        Optional.ofNullable(first).map(connection -> shift(connection, zero)),
        calls.stream().map(c -> new Call(c.at() - zero, c.latency(), c.status())).toList(),
        warm,
        keyExchange,
        readings.stream().map(reading -> shift(reading, zero)).toList(),
        stacks.names,
        samples,
        waits,
        mainThread,
        sleeps,
        shiftedRecordings(zero),
        end,
        allLost);
  }

  /** The one that counts, or another. */
  private String listener(List<Step> found, int at) {
    boolean counts = port.isPresent() ? port.getAsInt() == at : at(found, Start.LISTEN).isEmpty();
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

  private synchronized List<Recording> shiftedRecordings(long zero) {
    return recordings.stream()
        .map(r -> new Recording(r.file(), r.from() - zero, r.to() - zero, r.error()))
        .toList();
  }

  private static OptionalLong at(List<Step> steps, String name) {
    return steps.stream().filter(step -> step.name().equals(name)).mapToLong(Step::at).findFirst();
  }

  private static FirstConnection shift(FirstConnection c, long zero) {
    return new FirstConnection(
        c.at() - zero,
        c.tcp(),
        c.serverHello(),
        c.tls(),
        c.firstByte(),
        c.body(),
        c.status(),
        c.speech(),
        c.tlsFacts());
  }

  private static Reading shift(Reading r, long zero) {
    return new Reading(
        r.at() - zero,
        r.cpu(),
        r.throttled(),
        r.throttledPeriods(),
        r.minorFaults(),
        r.majorFaults(),
        r.residentBytes(),
        r.cpuPressure(),
        r.memoryPressure(),
        r.ioPressure());
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
