package dev.thaw.app.trace.go;

import dev.thaw.app.trace.go.TraceFile.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Go's execution trace says of a stretch of time, on CLOCK_MONOTONIC.
 *
 * @param samples stacks of the CPU profiler, where it ran beside the trace
 * @param spans what the runtime did, and in which states its goroutines were, each as long as it
 *     lasted
 * @param processors GOMAXPROCS, as it last changed or was found; 0 when it was not told
 * @param errorNanos how far the trace's clock may be from CLOCK_MONOTONIC
 * @param clock how that is known
 * @param left events that were too many to be looked at
 */
public record GoTrace(
    List<Sample> samples,
    List<Span> spans,
    int processors,
    long errorNanos,
    String clock,
    long left) {

  /** Runs on a processor. */
  public static final String RUNNING = "goroutines running";

  /** Could run, and waits for one of GOMAXPROCS. */
  public static final String RUNNABLE = "goroutines runnable";

  /** In the kernel. */
  public static final String SYSCALL = "goroutines in system calls";

  public static final String GC = "GC cycle";

  public static final String STW = "world stopped";

  public static final String ASSIST = "goroutines that help the GC";

  /** A stack, outermost frame first. */
  public record Sample(long atNanos, List<String> stack) {}

  /** A stretch in which something was so; those of one name may overlap. */
  public record Span(String name, long fromNanos, long toNanos) {}

  /** It cannot be read; the message says why. */
  public static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Reads a trace as {@code runtime/trace} wrote it.
   *
   * @throws Unreadable when it is none, or of a Go whose format is not known
   */
  public static GoTrace read(byte[] file) throws Unreadable {
    try {
      TraceFile trace = TraceFile.read(file);
      var states = new States(trace);
      trace.events().forEach(states::after);
      return new GoTrace(
          trace.samples(),
          states.end(),
          states.processors,
          trace.errorNanos(),
          trace.comparesClocks()
              ? "the trace's clock compared with CLOCK_MONOTONIC by Go itself"
              : "the trace's clock is CLOCK_MONOTONIC in steps of so long",
          trace.tooMany());
    } catch (TraceBytes.Malformed e) {
      throw new Unreadable(String.valueOf(e.getMessage()), e);
    }
  }

  /** Who is in which state since when. */
  private static final class States {
    private static final int STATUS_RUNNABLE = 1;
    private static final int STATUS_RUNNING = 2;
    private static final int STATUS_SYSCALL = 3;
    private static final String ASLEEP = "";

    private final TraceFile trace;
    private final List<Span> spans = new ArrayList<>();
    private final Map<Long, Long> running = new HashMap<>(); // thread to goroutine
    private final Map<Long, State> goroutines = new HashMap<>();
    private final Map<Long, Long> stopped = new HashMap<>(); // by thread
    private final Map<Long, Long> helping = new HashMap<>(); // by goroutine
    private long collectingSince = -1;
    private long last;
    private int processors;

    private record State(String name, long since) {}

    States(TraceFile trace) {
      this.trace = trace;
    }

    void after(Event event) {
      last = event.at();
      long on = running.getOrDefault(event.thread(), 0L);
      switch (event.type()) {
        case TraceFile.PROCS_CHANGE -> processors = (int) event.first();
        case TraceFile.GO_CREATE, TraceFile.GO_UNBLOCK -> become(event.first(), RUNNABLE);
        case TraceFile.GO_CREATE_BLOCKED -> become(event.first(), ASLEEP);
        case TraceFile.GO_CREATE_SYSCALL -> runs(event.thread(), event.first(), SYSCALL);
        case TraceFile.GO_START -> runs(event.thread(), event.first(), RUNNING);
        case TraceFile.GO_STOP, TraceFile.GO_SYSCALL_END_BLOCKED -> leaves(event, on, RUNNABLE);
        case TraceFile.GO_BLOCK, TraceFile.GO_DESTROY, TraceFile.GO_DESTROY_SYSCALL ->
            leaves(event, on, ASLEEP);
        case TraceFile.GO_SYSCALL_BEGIN -> become(on, SYSCALL);
        case TraceFile.GO_SYSCALL_END -> become(on, RUNNING);
        case TraceFile.GO_SWITCH, TraceFile.GO_SWITCH_DESTROY -> {
          become(on, ASLEEP);
          runs(event.thread(), event.first(), RUNNING);
        }
        case TraceFile.GO_STATUS, TraceFile.GO_STATUS_STACK -> status(event);
        case TraceFile.STW_BEGIN -> stopped.putIfAbsent(event.thread(), event.at());
        case TraceFile.STW_END -> ended(STW, stopped.remove(event.thread()));
        case TraceFile.GC_ACTIVE, TraceFile.GC_BEGIN ->
            collectingSince = collectingSince < 0 ? event.at() : collectingSince;
        case TraceFile.GC_END -> {
          ended(GC, collectingSince < 0 ? null : collectingSince);
          collectingSince = -1;
        }
        case TraceFile.ASSIST_ACTIVE -> helping.putIfAbsent(event.first(), event.at());
        case TraceFile.ASSIST_BEGIN -> helping.putIfAbsent(on, event.at());
        case TraceFile.ASSIST_END -> ended(ASSIST, helping.remove(on));
        default -> {} // tells nothing that is drawn
      }
    }

    private void status(Event event) {
      switch ((int) event.third()) {
        case STATUS_RUNNABLE -> become(event.first(), RUNNABLE);
        case STATUS_RUNNING -> runs(event.second(), event.first(), RUNNING);
        case STATUS_SYSCALL -> runs(event.second(), event.first(), SYSCALL);
        default -> become(event.first(), ASLEEP);
      }
    }

    private void runs(long thread, long goroutine, String state) {
      running.put(thread, goroutine);
      become(goroutine, state);
    }

    private void leaves(Event event, long goroutine, String state) {
      running.remove(event.thread());
      become(goroutine, state);
    }

    private void become(long goroutine, String state) {
      if (goroutine == 0) {
        return; // its beginning was not seen
      }
      State now = goroutines.get(goroutine);
      if (now == null || !now.name().equals(state)) {
        close(now);
        goroutines.put(goroutine, new State(state, last));
      }
    }

    private void close(@Nullable State state) {
      if (state != null && !state.name().equals(ASLEEP)) {
        ended(state.name(), state.since());
      }
    }

    private void ended(String name, @Nullable Long since) {
      if (since != null && last > since) {
        spans.add(new Span(name, trace.nanos(since), trace.nanos(last)));
      }
    }

    /** What lasts to the trace's end, ends there. */
    List<Span> end() {
      goroutines.values().forEach(this::close);
      stopped.values().forEach(since -> ended(STW, since));
      helping.values().forEach(since -> ended(ASSIST, since));
      ended(GC, collectingSince < 0 ? null : collectingSince);
      return spans;
    }
  }
}
