package dev.thaw.persistence;

/**
 * Where on the ladder a cohort stands.
 *
 * @param rung 0 for no traffic, 1 to n for the entries of the ladder
 * @param weight per cent of the pod's fair share, 0 to 100
 * @param why why this rung was entered; meaningless at rung 0
 * @param applied the planes have acknowledged this rung's table
 * @param passes verdicts in its favour in a row on this rung
 * @param standing the rung a breach sent it back from and that it has not entered again; 0 for none
 * @param waitMillis pause owed before passes count again; 0 for none
 */
public record Climb(
    CohortId cohort,
    int rung,
    int weight,
    Why why,
    boolean applied,
    int passes,
    int standing,
    long waitMillis) {

  /** Whether evidence has spoken against it and nothing has answered that since. */
  public boolean breachStands() {
    return standing > 0;
  }

  Climb entered(int newRung, int newWeight, Why newWhy) {
    return new Climb(
        cohort, newRung, newWeight, newWhy, false, 0, newRung >= standing ? 0 : standing, 0);
  }

  Climb acknowledged() {
    return new Climb(cohort, rung, weight, why, true, passes, standing, waitMillis);
  }

  Climb passed(int inRow) {
    return new Climb(cohort, rung, weight, why, applied, inRow, standing, 0);
  }

  Climb back(int toRung, int toWeight, long pauseMillis) {
    return new Climb(
        cohort, toRung, toWeight, why, false, 0, Math.max(rung, standing), pauseMillis);
  }
}
