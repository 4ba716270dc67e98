package dev.thaw.app.trace;

import dev.thaw.app.trace.client.Speech;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One start as it was seen. All times are nanoseconds since its exec, on CLOCK_MONOTONIC.
 *
 * @param zero CLOCK_MONOTONIC of its exec
 * @param steps what it passed, in order of time
 * @param packages what Go initialised, in order; empty for other programs
 * @param first the first connection and what was made of it; empty when it never listened
 * @param calls every request in order, the first among them
 * @param warmConnections what new connections cost once it was warm
 * @param keyExchange what the server's half of a handshake costs, by curve
 * @param readings of its control group and processes
 * @param stacks distinct stacks, outermost frame first; samples name them by index
 * @param waits threads that did not run though they were not blocked, longest part of them
 * @param mainThread the one that ran Go's package init, or else the program's first; 0 when unknown
 * @param sleeps of the threads until it listened
 * @param end how it went
 * @param lost what could not be seen, each with its reason
 */
public record Start(
    long zero,
    List<Step> steps,
    List<PackageInit> packages,
    Optional<Alignment> alignment,
    Optional<FirstConnection> first,
    List<Call> calls,
    List<Connection> warmConnections,
    List<KeyExchange> keyExchange,
    List<Reading> readings,
    List<List<String>> stacks,
    List<Sample> samples,
    List<Wait> waits,
    int mainThread,
    List<Sleep> sleeps,
    List<Recording> recordings,
    String end,
    List<String> lost) {

  /** The image replaced its process's earlier one. */
  public static final String EXEC = "exec";

  /** A TCP socket is about to listen. */
  public static final String LISTEN = "listen";

  /** The same for a listener that does not count; its port follows. */
  public static final String OTHER_LISTENER = "listen on ";

  /** The first answer of 200. */
  public static final String FIRST_200 = "first 200";

  /** From here on requests are as fast as they get. */
  public static final String PLATEAU = "plateau";

  /** A moment that happens once. */
  public record Step(String name, long at) {}

  /** One package's initialisation; bytes and allocations as Go counts them, -1 when it did not. */
  public record PackageInit(String name, long at, long duration, long bytes, long allocations) {}

  /**
   * How well Go's own times fit the kernel's.
   *
   * @param offset what was added to Go's times
   * @param error largest difference seen between the two, or the bound of it
   */
  public record Alignment(long offset, long error, String how) {}

  /**
   * The first connection, split.
   *
   * @param serverHello TLS: from our hello to the server's first bytes, 0 without TLS
   * @param tls from our hello to a finished handshake, 0 without TLS
   * @param firstByte from the request's last byte to the answer's first
   * @param body from the answer's first byte to its last
   * @param speech how it was asked
   */
  public record FirstConnection(
      long at,
      long tcp,
      long serverHello,
      long tls,
      long firstByte,
      long body,
      int status,
      Speech speech,
      Optional<TlsFacts> tlsFacts) {}

  /** What was agreed on, and with which key the server proves who it is. */
  public record TlsFacts(String protocol, String cipher, String key, String curve) {}

  /** One request. Status 0: no answer. */
  public record Call(long at, long latency, int status) {}

  /** A new connection to the warm server: TCP, TLS, and the first answer on it. */
  public record Connection(long tcp, long tls, long answer) {}

  /** From a hello with this curve to the server's answer, median of {@code n}. */
  public record KeyExchange(String curve, long median, int n) {}

  /**
   * Counters at a moment; pressure is absent where the kernel does not count it.
   *
   * @param cpu used so far
   * @param throttled stood still for its CPU limit so far
   */
  public record Reading(
      long at,
      long cpu,
      long throttled,
      long throttledPeriods,
      long minorFaults,
      long majorFaults,
      long residentBytes,
      OptionalLong cpuPressure,
      OptionalLong memoryPressure,
      OptionalLong ioPressure) {}

  /** One stack of the clock's, or of a page fault's. */
  public record Sample(long at, int thread, int stack, boolean fault) {}

  /** A thread was ready to run from {@code from} to {@code to} and got no processor. */
  public record Wait(int thread, long from, long to) {}

  /**
   * A thread slept and was not waiting for a processor, for 200 us or more.
   *
   * @param in what it slept in, such as {@code a lock}
   */
  public record Sleep(int thread, long from, long to, String in) {}

  /** A profile that the program made of itself, and between which moments. */
  public record Recording(String file, long from, long to, long error) {}

  /** When a step was first passed. */
  public OptionalLong at(String step) {
    return steps.stream().filter(each -> each.name().equals(step)).mapToLong(Step::at).findFirst();
  }
}
