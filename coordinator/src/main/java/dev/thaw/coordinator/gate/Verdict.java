package dev.thaw.coordinator.gate;

/**
 * What the evidence says now.
 *
 * @param reason one word of {@link Verdict}'s, or {@code Reasons.BOTH_FUSES}; empty when it passes
 * @param detail a sentence for people
 * @param requests how many user requests it rests on
 */
public record Verdict(Kind kind, String reason, String detail, long requests) {

  /** From best to worst: of several verdicts the last of these wins. */
  public enum Kind {
    PASS,
    INCONCLUSIVE,
    UNKNOWN,
    BREACH
  }

  public static final String ERRORS = "Errors";
  public static final String SLOW = "Slow";
  public static final String QUERY = "Query";
  public static final String PRESSURE = "Pressure";
  public static final String CONNECT_FAILURES = "ConnectFailures";
  public static final String TOO_FEW_REQUESTS = "TooFewRequests";
  public static final String PROBE_FAILING = "ProbeFailing";
  public static final String NO_DATA = "NoData";
  public static final String LAST_WARM = "LastWarm";
}
