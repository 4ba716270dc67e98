package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Call;
import dev.thaw.app.trace.Start.Connection;
import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.KeyExchange;
import dev.thaw.app.trace.Start.PackageInit;
import dev.thaw.app.trace.Start.Reading;
import dev.thaw.app.trace.Start.Sample;
import dev.thaw.app.trace.Start.Sleep;
import dev.thaw.app.trace.Start.Step;
import dev.thaw.app.trace.Start.TlsFacts;
import dev.thaw.app.trace.Start.Wait;
import dev.thaw.app.trace.client.Speech;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Starts for tests, told in milliseconds. */
final class Starts {
  static final long MS = 1_000_000;
  private static final int PLATEAU_CALLS = 60;
  private static final Speech PLAIN = new Speech(false, false, Optional.empty());

  private final List<Step> steps = new ArrayList<>();
  private final List<PackageInit> packages = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Connection> warm = new ArrayList<>();
  private final List<KeyExchange> keyExchange = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<List<String>> stacks = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Wait> waits = new ArrayList<>();
  private final List<Sleep> sleeps = new ArrayList<>();
  private Optional<FirstConnection> first = Optional.empty();

  /** A Go program: main at 100 ms, listening at 110, first 200 at {@code ok}. */
  static Starts go(long ok) {
    return new Starts()
        .step("exec", 0)
        .step("entry", 1)
        .step("runtime.schedinit", 1)
        .step("runtime.main", 2)
        .step("runtime.gcenable", 3)
        .step("main.main", 100)
        .step(Start.LISTEN, 110)
        .step(Start.FIRST_200, ok);
  }

  Starts step(String name, long at) {
    steps.add(new Step(name, at * MS));
    return this;
  }

  Starts init(String name, long at, long took) {
    packages.add(new PackageInit(name, at * MS, took * MS, 1 << 20, 10));
    return this;
  }

  Starts plain(long at, long tcp, long firstByte) {
    first =
        Optional.of(
            new FirstConnection(
                at * MS, tcp * MS, 0, 0, firstByte * MS, 0, 200, PLAIN, Optional.empty()));
    return this;
  }

  Starts tls(long at, String key, String curve, long serverHello, long tls, long firstByte) {
    first =
        Optional.of(
            new FirstConnection(
                at * MS,
                MS,
                serverHello * MS,
                tls * MS,
                firstByte * MS,
                0,
                200,
                new Speech(true, false, Optional.empty()),
                Optional.of(new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", key, curve))));
    return this;
  }

  Starts call(long at, long latency) {
    return call(at, latency, 200);
  }

  Starts call(long at, long latency, int status) {
    calls.add(new Call(at * MS, latency * MS, status));
    return this;
  }

  /** From here on nothing gets faster. */
  Starts plateau(long at, long latency) {
    step(Start.PLATEAU, at);
    for (int i = 0; i < PLATEAU_CALLS; i++) {
      call(at + 5 * i, latency);
    }
    return this;
  }

  Starts newConnection(long tls) {
    warm.add(new Connection(MS, tls * MS, MS));
    return this;
  }

  Starts keyExchange(String curve, long micros) {
    keyExchange.add(new KeyExchange(curve, micros * 1000, 15));
    return this;
  }

  Starts reading(long at, long cpu, long throttled, long major) {
    readings.add(
        new Reading(
            at * MS,
            cpu * MS,
            throttled * MS,
            throttled / 70,
            100,
            major,
            1 << 20,
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty()));
    return this;
  }

  Starts sample(long at, String... stack) {
    List<String> frames = List.of(stack);
    if (!stacks.contains(frames)) {
      stacks.add(frames);
    }
    samples.add(new Sample(at * MS, 7, stacks.indexOf(frames), false));
    return this;
  }

  /** The main thread was ready and had no processor. */
  Starts ready(long from, long to) {
    waits.add(new Wait(7, from * MS, to * MS));
    return this;
  }

  Starts sleep(int thread, long from, long to, String in) {
    sleeps.add(new Sleep(thread, from * MS, to * MS, in));
    return this;
  }

  Start build() {
    steps.sort(Comparator.comparingLong(Step::at));
    return new Start(
        0,
        steps,
        packages,
        Optional.empty(),
        first,
        calls,
        warm,
        keyExchange,
        readings,
        stacks,
        samples,
        waits,
        7,
        sleeps,
        List.of(),
        "",
        List.of());
  }

  /** A program of Go 1.19 on two processors. */
  static Setting setting(OptionalInt millicores) {
    return setting(millicores, "go1.19");
  }

  static Setting setting(OptionalInt millicores, String goVersion) {
    return setting(millicores, goVersion, 2, asked("/", 1000));
  }

  static Setting setting(OptionalInt millicores, String goVersion, int cpus, Setting.Asked asked) {
    return new Setting(
        List.of("/bin/server"),
        "6.1",
        cpus,
        millicores,
        millicores.stream().mapToObj(each -> each + "m").findFirst(),
        OptionalLong.empty(),
        Optional.of(goVersion),
        OptionalInt.empty(),
        1000,
        Optional.of(asked));
  }

  /** Asked for this path at most so often, and whatever else is the default. */
  static Setting.Asked asked(String path, int requests) {
    return new Setting.Asked(
        path,
        "localhost",
        OptionalInt.empty(),
        "auto",
        "auto",
        Optional.empty(),
        60,
        requests,
        TraceSettings.Records.WHEN_WARM);
  }
}
