package dev.thaw.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.coordinator.gate.Verdict.Kind;
import dev.thaw.persistence.Reasons;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What evidence is worth. */
class JudgeTest {
  private static final Rung RELATIVE = rung(10, new ErrorGate(0.05, 2), new SlowGate(0.10));
  private static final Rung ABSOLUTE = rung(0, new PromqlGate("q", 0.01, 0.03));
  private static final Window PEERS = new Window.Seen(1_000, 10, 1_000, 20);

  @Test
  void asGoodAsItsPeersPasses() {
    assertThat(judge(new Window.Seen(100, 1, 100, 2)).kind()).isEqualTo(Kind.PASS);
  }

  @Test
  void moreErrorsThanItsPeersIsABreachEvenBeforeEnoughRequests() {
    var verdict = judge(new Window.Seen(4, 2, 4, 0));

    assertThat(verdict.kind()).isEqualTo(Kind.BREACH);
    assertThat(verdict.reason()).isEqualTo(Verdict.ERRORS);
    assertThat(verdict.detail()).isEqualTo("2 of 4 requests failed (50.0%), its warm peers 1.0%");
  }

  @Test
  void aSingleErrorIsNotYetAFinding() {
    assertThat(judge(new Window.Seen(12, 1, 12, 0)).kind()).isEqualTo(Kind.INCONCLUSIVE);
  }

  @Test
  void aSingleSlowRequestIsNotYetAFindingTwoAre() {
    assertThat(judge(new Window.Seen(8, 0, 8, 1)).kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(judge(new Window.Seen(8, 0, 8, 2)).reason()).isEqualTo(Verdict.SLOW);
  }

  @Test
  void tooFewRequestsAreInconclusiveAndSayHowMany() {
    var verdict = judge(new Window.Seen(9, 0, 9, 0));

    assertThat(verdict.kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(verdict.reason()).isEqualTo(Verdict.TOO_FEW_REQUESTS);
    assertThat(verdict.requests()).isEqualTo(9);
  }

  @Test
  void noRequestsPassWhereNoneAreAskedFor() {
    var rung = rung(0, new ErrorGate(0.05, 2));

    assertThat(Judge.judge(rung, evidence(Probing.GOOD, Window.Seen.NOTHING, PEERS)).kind())
        .isEqualTo(Kind.PASS);
  }

  @Test
  void oneFailedProbeHoldsAPass() {
    var verdict =
        Judge.judge(RELATIVE, evidence(Probing.FAILING, new Window.Seen(99, 0, 99, 0), PEERS));

    assertThat(verdict.kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(verdict.reason()).isEqualTo(Verdict.PROBE_FAILING);
  }

  @Test
  void errorsAndAFailingProbeAreBothFuses() {
    var verdict =
        Judge.judge(RELATIVE, evidence(Probing.FAILING, new Window.Seen(10, 5, 10, 0), PEERS));

    assertThat(verdict.kind()).isEqualTo(Kind.BREACH);
    assertThat(verdict.reason()).isEqualTo(Reasons.BOTH_FUSES);
  }

  @Test
  void missingDataIsNeitherForNorAgainst() {
    assertThat(judge(new Window.Missing("stale")).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(
            Judge.judge(
                    RELATIVE,
                    evidence(
                        Probing.GOOD, new Window.Seen(99, 0, 99, 0), new Window.Missing("none")))
                .kind())
        .isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void anAbsoluteBoundPassesBelowBreachesAboveAndHoldsBetween() {
    assertThat(judge(new Answer.Value(0.009)).kind()).isEqualTo(Kind.PASS);
    assertThat(judge(new Answer.Value(0.01)).kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(judge(new Answer.Value(0.03)).kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(judge(new Answer.Value(0.031)).kind()).isEqualTo(Kind.BREACH);
  }

  @Test
  void anAnswerThatIsNoNumberIsUnknown() {
    assertThat(judge(new Answer.Value(Double.NaN)).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(judge(new Answer.Value(Double.POSITIVE_INFINITY)).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(judge(new Answer.Missing("empty")).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(Judge.judge(ABSOLUTE, evidence(Probing.GOOD, Window.Seen.NOTHING, PEERS)).kind())
        .isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void withoutCountersFailedConnectionsCount() {
    assertThat(blind(0).kind()).isEqualTo(Kind.PASS);
    assertThat(blind(1).kind()).isEqualTo(Kind.INCONCLUSIVE);
    assertThat(blind(2).reason()).isEqualTo(Verdict.CONNECT_FAILURES);
  }

  @Property
  void nothingUnknownEverPassesOrBreaches(
      @ForAll Probing probing, @ForAll @IntRange(max = 1_000) int requests) {
    var own = new Window.Seen(requests, requests, requests, requests);
    for (var evidence :
        List.of(
            evidence(probing, new Window.Missing("?"), PEERS),
            evidence(probing, own, new Window.Missing("?")))) {
      assertThat(Judge.judge(RELATIVE, evidence).kind()).isEqualTo(Kind.UNKNOWN);
    }
  }

  @Property
  void worsePeersNeverTurnAPassIntoABreach(
      @ForAll @IntRange(min = 10, max = 500) int requests,
      @ForAll @DoubleRange(max = 1) double errors,
      @ForAll @IntRange(max = 1_000) int peerErrors) {
    var own = new Window.Seen(requests, Math.floor(requests * errors), requests, 0);
    var better = new Window.Seen(1_000, peerErrors / 2.0, 1_000, 0);
    var worse = new Window.Seen(1_000, peerErrors, 1_000, 0);

    var besideBetter = Judge.judge(RELATIVE, evidence(Probing.GOOD, own, better));
    var besideWorse = Judge.judge(RELATIVE, evidence(Probing.GOOD, own, worse));

    assertThat(besideWorse.kind()).isLessThanOrEqualTo(besideBetter.kind());
  }

  @Property
  void aPassRestsOnEnoughRequestsAndAGoodProbe(
      @ForAll Probing probing,
      @ForAll @IntRange(max = 50) int requests,
      @ForAll @IntRange(max = 50) int errors,
      @ForAll @IntRange(max = 50) int slow) {
    var own =
        new Window.Seen(requests, Math.min(errors, requests), requests, Math.min(slow, requests));

    var verdict = Judge.judge(RELATIVE, evidence(probing, own, PEERS));

    if (verdict.kind() == Kind.PASS) {
      assertThat(probing).isEqualTo(Probing.GOOD);
      assertThat(requests).isGreaterThanOrEqualTo(10);
      assertThat(own.errorRatio()).isLessThanOrEqualTo(0.06);
      assertThat(own.slowShare()).isLessThanOrEqualTo(0.12);
    }
  }

  @Property
  void countersThatGoBackOrContradictThemselvesAreMissing(
      @ForAll @IntRange(max = 100) int before, @ForAll @IntRange(max = 100) int after) {
    var window =
        Window.between(
            new Counters(before, 0, before, before), new Counters(after, 0, after, after));

    assertThat(window instanceof Window.Seen).isEqualTo(after >= before);
  }

  @Test
  void pressureBeyondItsBoundIsABreachThatNamesTheResource() {
    var memory = new PressureGate(Pressure.MEMORY, 0.10);

    Verdict within = pressed(memory, Map.of(Pressure.MEMORY, new Pressed(400_000, 4)));
    Verdict beyond = pressed(memory, Map.of(Pressure.MEMORY, new Pressed(420_000, 4)));

    assertThat(within.kind()).isEqualTo(Kind.PASS);
    assertThat(beyond.kind()).isEqualTo(Kind.BREACH);
    assertThat(beyond.reason()).isEqualTo(Verdict.PRESSURE);
    assertThat(beyond.detail())
        .isEqualTo("memory kept it waiting 10.5% of the time (back above 10.0%)");
  }

  @Test
  void pressureThatTheKernelDoesNotTellNeitherPassesNorBreaches() {
    Verdict verdict =
        pressed(
            new PressureGate(Pressure.IO, 0.10), Map.of(Pressure.CPU, new Pressed(9_000_000, 4)));

    assertThat(verdict.kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(verdict.detail()).contains("io");
  }

  @Test
  void oneSegmentSentAgainIsNoFindingYet() {
    var gate = new PressureGate(Pressure.RETRANSMITS, 0.5);

    assertThat(pressed(gate, Map.of(Pressure.RETRANSMITS, new Pressed(1, 1))).kind())
        .isEqualTo(Kind.INCONCLUSIVE);
    assertThat(pressed(gate, Map.of(Pressure.RETRANSMITS, new Pressed(2, 1))).kind())
        .isEqualTo(Kind.BREACH);
    assertThat(pressed(gate, Map.of(Pressure.RETRANSMITS, new Pressed(2, 4))).kind())
        .isEqualTo(Kind.PASS);
  }

  /** Without a page of counters: the kernel's figures need none. */
  private static Verdict pressed(PressureGate gate, Map<Pressure, Pressed> pressure) {
    return Judge.judge(
        rung(0, gate),
        new Evidence(
            Probing.GOOD,
            false,
            new Window.Missing("none"),
            new Window.Missing("none"),
            0,
            Map.of(),
            pressure));
  }

  private static Verdict judge(Window own) {
    return Judge.judge(RELATIVE, evidence(Probing.GOOD, own, PEERS));
  }

  private static Verdict judge(Answer answer) {
    return Judge.judge(
        ABSOLUTE,
        new Evidence(
            Probing.GOOD, true, Window.Seen.NOTHING, PEERS, 0, Map.of("q", answer), Map.of()));
  }

  private static Verdict blind(long failures) {
    return Judge.judge(
        RELATIVE,
        new Evidence(
            Probing.GOOD,
            false,
            new Window.Missing("none"),
            new Window.Missing("none"),
            failures,
            Map.of(),
            Map.of()));
  }

  private static Evidence evidence(Probing probing, Window own, Window peers) {
    return new Evidence(probing, true, own, peers, 0, Map.of(), Map.of());
  }

  private static Rung rung(int minRequests, Gate... gates) {
    return new Rung(5, Duration.ofSeconds(2), minRequests, List.of(gates));
  }
}
