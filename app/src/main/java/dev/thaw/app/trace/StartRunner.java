package dev.thaw.app.trace;

import dev.thaw.app.trace.Sight.EndedFirst;
import dev.thaw.app.trace.client.Rehearsal;
import dev.thaw.app.trace.client.Wish;
import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartImage;
import dev.thaw.bpf.StartProfile;
import dev.thaw.bpf.Symboliser;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command cold, again and again, and brings back what was seen. One thread; {@link #end} and
 * {@link #kill} are any thread's.
 */
final class StartRunner {
  /** The JVM compiles what was rehearsed; on few processors that would be in the start's way. */
  private static final int SETTLE_MILLIS = 200;

  private static final long ENDING_MILLIS = 300;

  private static final long ME = ProcessHandle.current().pid();

  private final BpfSupport support;
  private final Consumer<String> note;
  private final Map<Path, StartImage> images = new LinkedHashMap<>();
  private int number;
  private volatile @Nullable TracedProcess running;

  /**
   * @param note gets what a user should know while a start is under way
   */
  StartRunner(BpfSupport support, Consumer<String> note) {
    this.support = support;
    this.note = note;
  }

  /**
   * Runs one start to its plateau and ends the command.
   *
   * @throws IOException when the command cannot be started at all, or a limit not be set
   * @throws InterruptedException when the wait was broken off; the command has been ended
   */
  Start run(TraceSettings settings) throws IOException, InterruptedException {
    number++;
    Path log = settings.out().resolve("command-" + number + ".log");
    Files.deleteIfExists(log);
    remember(Path.of(settings.command().get(0)));
    var symboliser = new Symboliser();
    var builder = new StartBuilder(symboliser, images, settings.port());
    try (var traced =
        TracedProcess.prepare(
            DeadTraces.name(ME, number),
            support.limits(),
            settings.cpu(),
            settings.memoryBytes(),
            log)) {
      running = traced;
      try (Sight sight = sight(settings, traced, symboliser)) {
        var meter = new Meter(traced.cgroup(), traced::pids);
        meter.begin();
        long before = traced.start(settings.command(), settings.environment());
        if (sight instanceof PollingSight polling) {
          polling.look(traced.process(), before);
        }
        serve(settings, traced, sight, builder);
        builder.readings(meter.finish());
        traced.memory().ifPresent(builder::memory);
        List<Sight.Seen> seen = sight.finish();
        builder.initialised(InitTrace.read(log));
        Start start = builder.build(seen, sight.lost());
        seen.forEach(this::learn);
        return start;
      }
    } finally {
      running = null;
    }
  }

  /** Ends the command that is under way, if one is, and its start with it. Blocks for that long. */
  void end() {
    TracedProcess traced = running;
    if (traced != null) {
      traced.close();
    }
  }

  /** The same at once. */
  void kill() {
    TracedProcess traced = running;
    if (traced != null) {
      traced.kill();
    }
  }

  /**
   * Goes through the motions with a command that ends at once: what our own code costs when it runs
   * for the first time would stand between a listener and its first connection.
   *
   * @throws IOException when no command can be started here at all
   * @throws InterruptedException when the wait was broken off
   */
  void rehearse(TraceSettings settings) throws IOException, InterruptedException {
    if (support.limits()) {
      DeadTraces.sweep();
    }
    // both at once: a user waits for it
    CompletableFuture<Void> client =
        CompletableFuture.runAsync(() -> rehearseClient(settings.wish()));
    run(settings.rehearsal());
    number = 0;
    try {
      client.join();
    } catch (CompletionException e) {
      throw new IOException("no connection to ourselves: " + e.getMessage(), e);
    }
    Thread.sleep(SETTLE_MILLIS);
  }

  private static void rehearseClient(Wish wish) {
    try {
      Rehearsal.run(wish);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remember(Path image) {
    images.computeIfAbsent(image, StartImage::read);
  }

  /** What a wrapper became can have its steps probed the next time. */
  private void learn(Sight.Seen seen) {
    if (seen.event() instanceof ProfileEvent.Exec exec && exec.path().startsWith("/")) {
      try {
        remember(Path.of(exec.path()));
      } catch (InvalidPathException e) {
        return; // a name that this locale cannot spell
      }
    }
  }

  private Sight sight(TraceSettings settings, TracedProcess traced, Symboliser symboliser) {
    if (!support.signals() || traced.cgroup().isEmpty()) {
      return new PollingSight(settings.port(), Wanting.steps(support), traced.cgroup().isPresent());
    }
    Cgroup cgroup = traced.cgroup().get();
    try {
      StartProfile profile = StartProfile.open(cgroup.unifiedId(), cgroup.v1Id(), settings.hertz());
      var refused = new ArrayList<String>();
      images.replaceAll(
          (path, before) -> {
            try {
              return profile.attachSteps(path); // it may have been built anew since
            } catch (BpfException | IOException e) {
              refused.add("steps of " + path + ": " + e.getMessage());
              return before;
            }
          });
      var sight = new KernelSight(profile, symboliser, settings.port());
      sight.lost().addAll(refused);
      return sight;
    } catch (BpfException e) {
      return new PollingSight(settings.port(), String.valueOf(e.getMessage()), true);
    }
  }

  private void serve(
      TraceSettings settings, TracedProcess traced, Sight sight, StartBuilder builder)
      throws InterruptedException {
    CompletableFuture<Sight.Listening> listening = sight.listening();
    // made before it is needed: the way from a listener to its first connection is short
    var caller =
        new Caller(
            settings,
            builder,
            images.values().stream().anyMatch(StartImage::isGo),
            number,
            note,
            () -> traced.pids().isEmpty());
    traced
        .process()
        .onExit()
        .thenAccept(
            ended -> {
              if (traced.pids().isEmpty()) {
                listening.completeExceptionally(
                    new EndedFirst(
                        "the command ended with "
                            + ExitStatus.words(ended.exitValue())
                            + " before it listened"
                            + settings.port().stream()
                                .mapToObj(port -> " on port " + port)
                                .findFirst()
                                .orElse("")));
              }
            });
    try {
      Sight.Listening heard = listening.get(settings.deadline().toMillis(), TimeUnit.MILLISECONDS);
      caller.call(reachable(heard.address()));
      if (builder.ended()) {
        whyItEnded(traced, builder);
      }
    } catch (TimeoutException e) {
      builder.end("it did not listen within " + settings.deadline().toSeconds() + " s");
    } catch (ExecutionException e) {
      builder.end(why(e));
    }
  }

  /** It may be gone a moment after its connections. */
  private static void whyItEnded(TracedProcess traced, StartBuilder builder)
      throws InterruptedException {
    Process process = traced.process();
    if (process.waitFor(ENDING_MILLIS, TimeUnit.MILLISECONDS)) {
      builder.end("the command ended with " + ExitStatus.words(process.exitValue()));
    } else if (!builder.has(Start.FIRST_200)
        && traced.pids().stream().anyMatch(pid -> NetworkNamespace.otherOf(pid).isPresent())) {
      builder.end(
          "it has a network namespace of its own (as a container or unshare -n makes it), and a trace asks from outside");
    }
  }

  private static String why(ExecutionException e) {
    Throwable cause = e.getCause();
    return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
  }

  /** Loopback, where it takes any address. */
  private static InetSocketAddress reachable(InetSocketAddress listener) {
    return listener.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getPort())
        : listener;
  }
}
