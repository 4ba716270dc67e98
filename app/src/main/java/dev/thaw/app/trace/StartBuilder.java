package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import dev.thaw.app.trace.Start.Connection;
import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.Start.Reading;
import dev.thaw.app.trace.Start.Recording;
import dev.thaw.app.trace.Start.Step;
import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartImage;
import dev.thaw.bpf.Symboliser;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.MemoryGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
  private final List<String> cut = new ArrayList<>();
  private @Nullable FirstConnection first;
  private List<Connection> warm = List.of();
  private List<KeyExchange> keyExchange = List.of();
  private List<Reading> readings = List.of();
  private List<InitTrace> inits = List.of();
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
   * @param begin of the plateau's first call, CLOCK_MONOTONIC; empty for none
   */
  void plateau(OptionalLong begin) {
    if (begin.isPresent()) {
      steps.put(Start.PLATEAU, begin.getAsLong());
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

  /** What of a recording was left out. */
  synchronized void cut(String what) {
    cut.add(what);
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

  /** What Go said of its packages. */
  void initialised(List<InitTrace> packages) {
    inits = packages;
  }

  boolean ended() {
    return !end.isEmpty();
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
    var told = new KernelEvents(symboliser, images, port, zero);
    seen.forEach(told::add);
    List<Step> found = told.steps();
    steps.forEach((name, at) -> found.add(new Step(name, at - zero)));
    found.sort(Comparator.comparingLong(Step::at));
    PackageInits packages =
        PackageInits.of(
            told.initialisers(), inits, at(found, "runtime.main"), at(found, "main.main"));
    List<String> others =
        found.stream()
            .filter(step -> step.name().startsWith(Start.OTHER_LISTENER))
            .map(step -> step.name().substring(Start.OTHER_LISTENER.length()))
            .distinct()
            .toList();
    if (!has(Start.FIRST_200) && !others.isEmpty()) {
      end(
          "it listens on %s%s (--port says which counts)"
              .formatted(
                  String.join(" and ", others), at(found, Start.LISTEN).isPresent() ? " too" : ""));
    }
    var allLost = new ArrayList<>(unseen);
    allLost.addAll(lost);
    allLost.addAll(cutOff());
    return new Start(
        zero,
        found,
        packages.packages(),
        packages.alignment(),
        Optional.ofNullable(first).map(connection -> shift(connection, zero)),
        calls.stream().map(c -> new Call(c.at() - zero, c.latency(), c.status())).toList(),
        warm,
        keyExchange,
        readings.stream().map(reading -> shift(reading, zero)).toList(),
        told.stacks(),
        told.samples(),
        told.waits(),
        told.mainThread(),
        told.sleeps(),
        shiftedRecordings(zero),
        end,
        allLost);
  }

  private synchronized List<String> cutOff() {
    return List.copyOf(cut);
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
}
