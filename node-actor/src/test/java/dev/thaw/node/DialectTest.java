package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbePlan.Protocol;
import dev.thaw.protocol.v1.ProbePlan.Tls;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DialectTest {
  private static final Dialect ANY = dialect(Protocol.AUTO, Tls.TLS_AUTO);

  @Test
  void thePlanSaysWhatIsTried() {
    assertThat(ANY.ways()).containsExactly(Wire.H2C, Wire.HTTP1, Wire.TLS);
    assertThat(dialect(Protocol.HTTP1, Tls.TLS_AUTO).ways()).containsExactly(Wire.HTTP1, Wire.TLS);
    assertThat(dialect(Protocol.HTTP2, Tls.TLS_AUTO).ways()).containsExactly(Wire.H2C, Wire.TLS);
    assertThat(dialect(Protocol.HTTP2, Tls.TLS_OFF).ways()).containsExactly(Wire.H2C);
    assertThat(dialect(Protocol.AUTO, Tls.TLS_ON).ways()).containsExactly(Wire.TLS);
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.Kind.class,
      names = {"REFUSED", "TIMEOUT", "HUNG", "SLOW", "CALM", "TLS_EXPIRED", "GRPC_STATUS"})
  void whereNobodyAnswersNoOtherWayIsTriedAtOnce(Failure.Kind kind) {
    assertThat(ANY.shouldMoveOn(new Failure(kind, "x"))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.Kind.class,
      names = {
        "WRONG_PROTOCOL",
        "PROTOCOL_ERROR",
        "SETTINGS",
        "RESET",
        "NO_TLS",
        "TLS_FAILED",
        "TLS_NO_ALPN"
      })
  void aWrongWayIsFollowedByAnotherUnlessItHasWorkedOrIsTheOnlyOne(Failure.Kind kind) {
    var failure = new Failure(kind, "x");

    assertThat(ANY.shouldMoveOn(failure)).isTrue();
    assertThat(ANY.worked().shouldMoveOn(failure)).isFalse();
    assertThat(ANY.worked().doubted().shouldMoveOn(failure)).isTrue();
    assertThat(dialect(Protocol.AUTO, Tls.TLS_ON).shouldMoveOn(failure)).isFalse();
  }

  @Test
  void waysAreTriedInTurnAndThenFromTheStart() {
    var failure = new Failure(Failure.Kind.RESET, "closed");

    assertThat(ANY.next(failure).way()).isEqualTo(Wire.HTTP1);
    assertThat(ANY.next(failure).next(failure).way()).isEqualTo(Wire.TLS);
    assertThat(ANY.next(failure).next(failure).next(failure).way()).isEqualTo(Wire.H2C);
  }

  @Test
  void aBadRequestWithoutTlsIsAHintAtTlsUntilSomethingIsProven() {
    assertThat(ANY.unlessTls(400))
        .hasValueSatisfying(tls -> assertThat(tls.way()).isEqualTo(Wire.TLS));
    assertThat(ANY.unlessTls(404)).isEmpty();
    assertThat(ANY.worked().unlessTls(400)).isEmpty();
    assertThat(dialect(Protocol.AUTO, Tls.TLS_OFF).unlessTls(400)).isEmpty();
    assertThat(dialect(Protocol.AUTO, Tls.TLS_ON).unlessTls(400)).isEmpty();
  }

  @Test
  void aStreakCountsOneKindAndForgetsTheOther() {
    ProbeOutcome good = outcome(Outcome.SUCCESS);
    ProbeOutcome bad = outcome(Outcome.HUNG);
    Streak two = Streak.NONE.after(good).after(good);

    assertThat(two).isEqualTo(new Streak(2, 0));
    assertThat(two.after(bad)).isEqualTo(new Streak(0, 1));
    assertThat(two.after(bad).after(bad).after(good)).isEqualTo(new Streak(1, 0));
  }

  private static ProbeOutcome outcome(Outcome kind) {
    return new ProbeOutcome(kind, "", "", false, 0, 0);
  }

  private static Dialect dialect(Protocol protocol, Tls tls) {
    return Dialect.of(ProbePlan.newBuilder().setProtocol(protocol).setTls(tls).build());
  }
}
