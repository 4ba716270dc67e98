package dev.thaw.persistence;

/** The words that events use for why traffic was taken away; stored, so they never change. */
public final class Reasons {

  /** The kernel saw the process end; only a new start brings the pod back. */
  public static final String EXITED = "Exited";

  /** It is about to be ended on purpose; only a new start brings the pod back. */
  public static final String ENDING = "Ending";

  /** The probe failed often enough in a row; as many successes in a row start the ladder again. */
  public static final String PROBE_FAILED = "ProbeFailed";

  /** Errors beyond its peers' and a failing probe at once; comes back as after a failed probe. */
  public static final String BOTH_FUSES = "BothFuses";

  /** Not confirmed before its deadline; still comes back when its probe succeeds. */
  public static final String NEVER_SERVED = "NeverServed";

  /** Too many breaches in one birth; comes back by an operator's word or as a new start. */
  public static final String BREACHES = "Breaches";

  /** Its warm-up requests failed; comes back by an operator's word or as a new start. */
  public static final String WARMUP_FAILED = "WarmupFailed";

  /** An operator's abort; comes back by promote, retry or a new start. */
  public static final String ABORTED = "Aborted";

  private Reasons() {}
}
