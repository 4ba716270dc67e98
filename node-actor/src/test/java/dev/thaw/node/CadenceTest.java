package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.SetProbing.Phase;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** When probes come. */
class CadenceTest {
  private static final Cadence REFERENCE =
      Cadence.of(
          ProbePlan.newBuilder()
              .setTimeoutNanos(millis(300))
              .setConfirmingIntervalNanos(millis(200))
              .setClimbingIntervalNanos(millis(1_000))
              .setWarmingRetries(2)
              .setReadyIntervalNanos(millis(30_000))
              .setReadyRetries(1)
              .setReadyTimeoutNanos(millis(100))
              .setInitialDelayNanos(millis(10_000))
              .build());

  private static final Cadence REMOTE =
      Cadence.of(
          ProbePlan.newBuilder()
              .setTimeoutNanos(millis(3_000))
              .setConfirmingIntervalNanos(millis(200))
              .setClimbingIntervalNanos(millis(1_000))
              .setReadyIntervalNanos(millis(30_000))
              .addAllBackoffNanos(
                  List.of(millis(5_000), millis(15_000), millis(45_000), millis(135_000)))
              .build());

  @Example
  void warmingAndReadyHaveAPaceALimitAndRetriesOfTheirOwn() {
    assertThat(REFERENCE.pace(Phase.CLIMBING))
        .isEqualTo(new Cadence.Pace(millis(1_000), millis(300), 2));
    assertThat(REFERENCE.pace(Phase.READY))
        .isEqualTo(new Cadence.Pace(millis(30_000), millis(100), 1));
    assertThat(REFERENCE.initialDelay()).isEqualTo(millis(10_000));
  }

  @Example
  void aReadyLimitThatIsNotSaidIsThatOfAllProbes() {
    assertThat(REMOTE.pace(Phase.READY).limit()).isEqualTo(millis(3_000));
  }

  @Property
  void whileAPodProvesItselfTheIntervalIsExact(
      @ForAll @DoubleRange(min = 0, max = 1) double chance,
      @ForAll @IntRange(min = 0, max = 9) int failures) {
    assertThat(REFERENCE.untilNext(Phase.CONFIRMING, failures, chance)).isEqualTo(millis(200));
  }

  @Property
  void afterFailuresASlowTargetIsLeftAlone5Then15Then45Then135Seconds(
      @ForAll Phases phase,
      @ForAll @IntRange(min = 1, max = 50) int failures,
      @ForAll @DoubleRange(min = 0, max = 1) double chance) {
    long[] seconds = {5, 15, 45, 135};
    double expected = seconds[Math.min(failures, 4) - 1] * 1e9;

    assertThat((double) REMOTE.untilNext(phase.phase, failures, chance))
        .isBetween(expected * 0.9, expected * 1.1);
  }

  @Property
  void aSuccessEndsTheBackoff(@ForAll @DoubleRange(min = 0, max = 1) double chance) {
    assertThat((double) REMOTE.untilNext(Phase.READY, 0, chance)).isBetween(27e9, 33e9);
  }

  @Property(tries = 30)
  void aThousandPodsThatTurnReadyTogetherDoNotBeatAsOne(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    int pods = 1_000;
    int rounds = 10;
    long[] at = new long[pods];
    for (int pod = 0; pod < pods; pod++) {
      at[pod] = REFERENCE.untilFirst(Phase.READY, random.nextDouble());
    }
    int slots = 100;
    long slot = millis(30_000) / slots;
    for (int round = 0; round < rounds; round++) {
      int[] hits = new int[slots * (rounds + 3) * 2];
      for (int pod = 0; pod < pods; pod++) {
        hits[(int) (at[pod] / slot)]++;
        at[pod] += REFERENCE.untilNext(Phase.READY, 0, random.nextDouble());
      }
      // ten per slot on average; as one it would be a thousand in a single slot
      for (int hit : hits) {
        assertThat(hit).isLessThan(40);
      }
    }
  }

  @Example
  void whoHasFailedForLongIsAskedAtTheReadyPaceWhateverThePhase() {
    var quick =
        Cadence.of(
            ProbePlan.newBuilder()
                .setConfirmingIntervalNanos(millis(200))
                .setReadyIntervalNanos(millis(10_000))
                .build());

    assertThat(quick.untilNext(Phase.CONFIRMING, 300, 0.5)).isEqualTo(millis(200));
    assertThat(quick.untilNext(Phase.CONFIRMING, 301, 0.5)).isEqualTo(millis(10_000));
  }

  /** Every phase in which probes are sent. */
  enum Phases {
    CONFIRMING(Phase.CONFIRMING),
    CLIMBING(Phase.CLIMBING),
    READY(Phase.READY);

    private final Phase phase;

    Phases(Phase phase) {
      this.phase = phase;
    }
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
