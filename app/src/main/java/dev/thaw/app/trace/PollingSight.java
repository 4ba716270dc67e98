package dev.thaw.app.trace;

import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.Listeners;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Looks at a process again and again, for want of the kernel's events. Owns its thread. */
final class PollingSight implements Sight {
  private static final int EVERY_MILLIS = 5;

  private final OptionalInt port;
  private final String why;
  private final boolean grouped;
  private final CompletableFuture<Listening> listening = new CompletableFuture<>();
  private final List<Seen> seen = new ArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "poll");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param why the kernel's events are wanting
   * @param grouped whether the command has a control group of its own
   */
  PollingSight(OptionalInt port, String why, boolean grouped) {
    this.port = port;
    this.why = why;
    this.grouped = grouped;
  }

  /** Begins to look at a process that was started at this time of CLOCK_MONOTONIC. */
  void look(Process process, long startedNanos) {
    seen.add(
        new Seen(
            new ProfileEvent.Exec(startedNanos, (int) process.pid(), (int) process.pid(), ""), -1));
    timer.scheduleAtFixedRate(() -> look(process), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look(Process process) {
    if (listening.isDone()) {
      return;
    }
    Stream.concat(Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid))
        .flatMap(pid -> Listeners.of(pid.intValue()).stream())
        .map(Listeners.Listener::address)
        .filter(found -> port.isEmpty() || port.getAsInt() == found.getPort())
        .findFirst()
        .ifPresent(found -> listening.complete(new Listening(found, Clocks.monotonicNanos())));
  }

  @Override
  public CompletableFuture<Listening> listening() {
    return listening;
  }

  @Override
  public List<Seen> finish() {
    close();
    if (listening.isDone() && !listening.isCompletedExceptionally()) {
      Listening heard = listening.join();
      seen.add(new Seen(new ProfileEvent.Listen(heard.atNanos(), 0, 0, heard.address()), -1));
    }
    return seen;
  }

  @Override
  public List<String> lost() {
    var lost = new ArrayList<String>();
    lost.add("steps between exec and listen, stacks, and waits for a processor, " + why);
    lost.add("listen is up to " + EVERY_MILLIS + " ms late: it is looked for in /proc");
    if (!grouped) {
      lost.add("processor time is counted in steps of 10 ms, and pressure is the whole machine's");
    }
    return lost;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
