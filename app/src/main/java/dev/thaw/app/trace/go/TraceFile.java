package dev.thaw.app.trace.go;

import dev.thaw.app.trace.go.TraceBytes.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/*
 * The format, as written since Go 1.22: a header, then batches. A batch belongs to a generation and
 * to a thread, and holds either events of that thread, or a part of the generation's tables: texts,
 * stacks, stacks of the CPU profiler, clocks. Ids mean something within their generation alone. An
 * event is its type and a number of numbers, the first of them the time since the event before. The
 * clock's unit is said once per generation; on Linux the clock itself is CLOCK_MONOTONIC.
 */
/** An execution trace's bytes as events in order of time, and its tables. Pure. */
final class TraceFile {
  static final int PROCS_CHANGE = 9;
  static final int GO_CREATE = 14;
  static final int GO_CREATE_SYSCALL = 15;
  static final int GO_START = 16;
  static final int GO_DESTROY = 17;
  static final int GO_DESTROY_SYSCALL = 18;
  static final int GO_STOP = 19;
  static final int GO_BLOCK = 20;
  static final int GO_UNBLOCK = 21;
  static final int GO_SYSCALL_BEGIN = 22;
  static final int GO_SYSCALL_END = 23;
  static final int GO_SYSCALL_END_BLOCKED = 24;
  static final int GO_STATUS = 25;
  static final int STW_BEGIN = 26;
  static final int STW_END = 27;
  static final int GC_ACTIVE = 28;
  static final int GC_BEGIN = 29;
  static final int GC_END = 30;
  static final int ASSIST_ACTIVE = 34;
  static final int ASSIST_BEGIN = 35;
  static final int ASSIST_END = 36;
  static final int GO_SWITCH = 45;
  static final int GO_SWITCH_DESTROY = 46;
  static final int GO_CREATE_BLOCKED = 47;
  static final int GO_STATUS_STACK = 48;

  private static final int EVENT_BATCH = 1;
  private static final int STACKS = 2;
  private static final int STACK = 3;
  private static final int STRINGS = 4;
  private static final int STRING = 5;
  private static final int CPU_SAMPLES = 6;
  private static final int CPU_SAMPLE = 7;
  private static final int FREQUENCY = 8;
  private static final int EXPERIMENTAL_BATCH = 49;
  private static final int SYNC = 50;
  private static final int CLOCK_SNAPSHOT = 51;
  private static final int END_OF_GENERATION = 52;

  /** How many numbers an event has, by its type, from {@link #PROCS_CHANGE} on. */
  private static final int[] NUMBERS = {
    3, 3, 1, 4, 3, 4, 2, 3, 1, 1, 3, 3, 4, 3, 1, 1, 4, 3, 1, 2, 3, 2, 2, 2, 3, 2, 2, 1, 2, 2, 2, 5,
    3, 4, 4, 5, 3, 3, 4, 5
  };

  private static final Pattern HEADER = Pattern.compile("go 1\\.(\\d{1,3}) trace\0\0\0");
  private static final int HEADER_LENGTH = 16;
  private static final int OLDEST = 22;
  private static final int NEWEST = 26;
  private static final int MOST_FRAMES = 128;
  private static final int MOST_EVENTS = 500_000;

  private final Map<Long, Generation> generations = new HashMap<>();
  private final List<Event> events = new ArrayList<>();

  /** One thing that happened on a thread; {@code at} in the trace's own unit. */
  record Event(long at, long thread, int type, long first, long second, long third) {}

  /** One stack of the CPU profiler. */
  private record Sampled(long generation, long at, long stack) {}

  /** What ids mean. */
  private static final class Generation {
    final Map<Long, String> texts = new HashMap<>();
    final Map<Long, long[]> stacks = new HashMap<>();
  }

  private final List<Sampled> sampled = new ArrayList<>();
  private long frequency;
  private long apart;
  private boolean snapshot;
  private long tooMany;

  private TraceFile() {}

  /**
   * Reads all of it; what breaks off at its end is read as far as it goes.
   *
   * @throws Malformed when it is no trace, or of a Go that is not known
   */
  static TraceFile read(byte[] file) throws Malformed {
    String head =
        new String(file, 0, Math.min(HEADER_LENGTH, file.length), StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(head);
    if (!matcher.matches()) {
      throw new Malformed("it is no execution trace");
    }
    int minor = Integer.parseInt(matcher.group(1));
    if (minor < OLDEST || minor > NEWEST) {
      throw new Malformed(
          "the trace format of Go 1.%d is not read (only 1.%d to 1.%d)"
              .formatted(minor, OLDEST, NEWEST));
    }
    var trace = new TraceFile();
    trace.batches(new TraceBytes(file, HEADER_LENGTH, file.length));
    if (trace.frequency <= 0) {
      throw new Malformed("it does not tell the unit of its clock");
    }
    trace.events.sort(Comparator.comparingLong(Event::at)); // stable: a thread's order stays
    return trace;
  }

  /** In order of time. */
  List<Event> events() {
    return events;
  }

  /** A time of the trace in nanoseconds of CLOCK_MONOTONIC. */
  long nanos(long at) {
    return (long) (at * (1e9 / frequency));
  }

  /** Events beyond what is kept of one trace. */
  long tooMany() {
    return tooMany;
  }

  /** How far its clock was seen to be from CLOCK_MONOTONIC, or else the clock's own step. */
  long errorNanos() {
    return Math.max(1_000_000_000 / frequency, apart);
  }

  /** Whether the trace itself says how the two clocks stand to each other (since Go 1.25). */
  boolean comparesClocks() {
    return snapshot;
  }

  /** Stacks of the CPU profiler by their times in nanoseconds, outermost frame first. */
  List<GoTrace.Sample> samples() {
    var samples = new ArrayList<GoTrace.Sample>();
    for (Sampled each : sampled) {
      Generation tables = generations.getOrDefault(each.generation(), new Generation());
      long[] functions = tables.stacks.getOrDefault(each.stack(), new long[0]);
      var names = new ArrayList<String>();
      for (int i = functions.length - 1; i >= 0; i--) {
        names.add(tables.texts.getOrDefault(functions[i], "[unknown]"));
      }
      samples.add(new GoTrace.Sample(nanos(each.at()), names));
    }
    samples.sort(Comparator.comparingLong(GoTrace.Sample::atNanos));
    return samples;
  }

  private void batches(TraceBytes bytes) {
    try {
      while (bytes.hasMore()) {
        int type = bytes.one();
        if (type == END_OF_GENERATION) {
          continue;
        } else if (type == EXPERIMENTAL_BATCH) {
          bytes.one();
        } else if (type != EVENT_BATCH) {
          return;
        }
        long generation = bytes.number();
        long thread = bytes.number();
        long at = bytes.number();
        TraceBytes content = bytes.part(bytes.number());
        if (type == EVENT_BATCH) {
          batch(generation, thread, at, content);
        }
      }
    } catch (Malformed e) {
      return; // what came before stands
    }
  }

  private void batch(long generation, long thread, long began, TraceBytes content)
      throws Malformed {
    Generation tables = generations.computeIfAbsent(generation, none -> new Generation());
    long at = began;
    while (content.hasMore()) {
      int type = content.one();
      switch (type) {
        case STRINGS, STACKS, CPU_SAMPLES, SYNC -> {} // says what follows
        case STRING -> tables.texts.put(content.number(), content.part(content.number()).text());
        case STACK -> stack(tables, content);
        case CPU_SAMPLE -> {
          long time = content.number();
          content.number(); // thread
          content.number(); // processor
          content.number(); // goroutine
          sampled.add(new Sampled(generation, time, content.number()));
        }
        case FREQUENCY -> frequency = Math.min(1_000_000_000, content.number());
        case CLOCK_SNAPSHOT -> {
          at += content.number();
          snapshot(at, content.number());
          content.number(); // wall clock
          content.number();
        }
        default -> at = event(type, thread, at, content);
      }
    }
  }

  private void stack(Generation tables, TraceBytes content) throws Malformed {
    long id = content.number();
    long frames = content.number();
    if (frames < 0 || frames > MOST_FRAMES) {
      throw new Malformed("a stack of " + frames + " frames");
    }
    long[] functions = new long[(int) frames];
    for (int i = 0; i < functions.length; i++) {
      content.number(); // address
      functions[i] = content.number();
      content.number(); // file
      content.number(); // line
    }
    tables.stacks.put(id, functions);
  }

  private void snapshot(long at, long monotonic) {
    if (frequency > 0) {
      snapshot = true;
      apart = Math.max(apart, Math.abs(nanos(at) - monotonic));
    }
  }

  /** The time of this event, which the next one counts from. */
  private long event(int type, long thread, long before, TraceBytes content) throws Malformed {
    int index = type - PROCS_CHANGE;
    if (index < 0 || index >= NUMBERS.length) {
      throw new Malformed("an event of type " + type);
    }
    long at = before + content.number();
    long[] numbers = new long[3];
    for (int i = 1; i < NUMBERS[index]; i++) {
      long number = content.number();
      if (i <= numbers.length) {
        numbers[i - 1] = number;
      }
    }
    if (events.size() < MOST_EVENTS) {
      events.add(new Event(at, thread, type, numbers[0], numbers[1], numbers[2]));
    } else {
      tooMany++;
    }
    return at;
  }
}
