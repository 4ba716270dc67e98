package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.Approach.Again;
import dev.thaw.node.Approach.AgainSoon;
import dev.thaw.node.Approach.Over;
import dev.thaw.node.Approach.Try;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.Sockets;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.ProbeReport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What follows from how a try ended. */
class ApproachTest {
  private static final InetSocketAddress POD = new InetSocketAddress("10.0.0.7", 8080);
  private static final Try FIRST = new Try(false, false, true, 5);
  private static final Try REUSED = new Try(true, false, true, 5);
  private static final Try LAST = new Try(false, false, true, 1);
  private static final Approach ANY = approach(ProbePlan.getDefaultInstance(), false);

  @Test
  void whatIsNotHttp2IsTriedAsHttp1AtOnce() {
    var again = (Again) ANY.failed(failure(Failure.Kind.WRONG_PROTOCOL), FIRST);

    assertThat(again.approach().dialect().way()).isEqualTo(Wire.HTTP1);
  }

  @Test
  void theHintOfThePortsProtocolComesFirst() {
    var https = ProbePlan.newBuilder().setAppProtocol(ProbePlan.AppProtocol.HTTPS).build();
    var http = ProbePlan.newBuilder().setAppProtocol(ProbePlan.AppProtocol.HTTP).build();

    assertThat(approach(https, false).dialect().ways())
        .containsExactly(Wire.TLS, Wire.H2C, Wire.HTTP1);
    assertThat(approach(http, false).dialect().ways())
        .containsExactly(Wire.HTTP1, Wire.H2C, Wire.TLS);
  }

  @Test
  void grpcIsNeverSpokenOverHttp1() {
    var grpc = ProbePlan.newBuilder().setKind(ProbePlan.Kind.GRPC).build();

    assertThat(approach(grpc, false).dialect().ways()).containsExactly(Wire.H2C, Wire.TLS);
  }

  @Test
  void aServerThatAsksForFewerPingsIsAskedOtherwiseAtOnceAndHasNotFailed() {
    var again = (Again) proven().failed(failure(Failure.Kind.CALM), REUSED);

    assertThat(again.approach().calm()).isTrue();
  }

  @Test
  void aWishForFewerPingsWithoutTimeToAskAgainIsNeitherSuccessNorFailure() {
    var over = (Over) proven().failed(failure(Failure.Kind.CALM), LAST);
    var outcome = new ProbeOutcome(over.answer().outcome(), "", "", false, 0, 0);

    assertThat(over.approach().calm()).isTrue();
    assertThat(new Streak(2, 0).after(outcome)).isEqualTo(new Streak(2, 0));
    assertThat(new Streak(0, 2).after(outcome)).isEqualTo(new Streak(0, 2));
  }

  @Test
  void anIdleConnectionThatTheServerEndedMeanwhileIsNoVerdict() {
    assertThat(proven().failed(failure(Failure.Kind.RESET), REUSED)).isInstanceOf(Again.class);
    assertThat(proven().failed(failure(Failure.Kind.GOAWAY), REUSED)).isInstanceOf(Again.class);
    assertThat(proven().failed(failure(Failure.Kind.RESET), FIRST)).isInstanceOf(Over.class);
  }

  @Test
  void aRefusalRightAfterListenIsTriedAgainInAMoment() {
    var justListening = new Try(false, true, true, 5);

    assertThat(ANY.failed(failure(Failure.Kind.REFUSED), justListening))
        .isInstanceOf(AgainSoon.class);
    assertThat(ANY.failed(failure(Failure.Kind.REFUSED), FIRST)).isInstanceOf(Over.class);
  }

  @Test
  void fromInsideLoopbackComesFirstThenThePodsAddressThenFromHere() {
    Approach inside = approach(ProbePlan.getDefaultInstance(), true);
    assertThat(inside.way().address()).isEqualTo(new InetSocketAddress("127.0.0.1", 8080));

    var second = (Again) inside.failed(failure(Failure.Kind.REFUSED), FIRST);
    assertThat(second.approach().way().inside()).isTrue();
    assertThat(second.approach().way().address()).isEqualTo(POD);

    var third = (Again) second.approach().failed(failure(Failure.Kind.UNREACHABLE), FIRST);
    assertThat(third.approach().way()).isEqualTo(new Route(Sockets.HERE, POD, false));

    var over = (Over) third.approach().failed(failure(Failure.Kind.REFUSED), FIRST);
    assertThat(over.answer().outcome()).isEqualTo(ProbeReport.Outcome.REFUSED);
    assertThat(over.approach().way().address().getAddress().isLoopbackAddress())
        .as("the next probe begins inside again")
        .isTrue();
  }

  @Test
  void whoRefusesInsideThePodIsNotAskedFromOutsideWhereAProxyWouldAnswer() {
    Approach inside = approach(ProbePlan.getDefaultInstance(), true);
    var second = (Again) inside.failed(failure(Failure.Kind.REFUSED), FIRST);

    var over = (Over) second.approach().failed(failure(Failure.Kind.REFUSED), FIRST);

    assertThat(over.answer().outcome()).isEqualTo(ProbeReport.Outcome.REFUSED);
  }

  @Test
  void aPingIsNeverSpokenOverHttp1() {
    var ping = ProbePlan.newBuilder().setKind(ProbePlan.Kind.HTTP2_PING).build();

    assertThat(approach(ping, false).dialect().ways()).containsExactly(Wire.H2C, Wire.TLS);
  }

  @Test
  void whatFailsWithinAStreamKeepsTheConnection() {
    var over = (Over) proven().failed(failure(Failure.Kind.GRPC_STATUS), REUSED);

    assertThat(over.reconnect()).isFalse();
    assertThat(over.approach().dialect().proven()).isTrue();
  }

  @Test
  void whatWorkedIsDoubtedAfterAFailureAndKeptForTheNextProbe() {
    var over = (Over) proven().failed(failure(Failure.Kind.HUNG), FIRST);

    assertThat(over.reconnect()).isTrue();
    assertThat(over.approach().dialect().way()).isEqualTo(Wire.H2C);
    assertThat(over.approach().dialect().proven()).isFalse();
  }

  @Test
  void aPlain400MakesItTryTlsAndIsMeantWhenThereIsNone() {
    Answer bad = Answer.ofStatus(400);
    var again = (Again) ANY.answered(bad, "http/1.1", FIRST);
    assertThat(again.approach().dialect().way()).isEqualTo(Wire.TLS);

    var over = (Over) again.approach().failed(failure(Failure.Kind.TLS_FAILED), FIRST);

    assertThat(over.answer()).isEqualTo(bad);
    assertThat(over.protocol()).isEqualTo("http/1.1");
    assertThat(over.approach().dialect().way()).isEqualTo(Wire.H2C);
  }

  @Test
  void everyKindOfFailureHasAnOutcomeOfItsName() {
    for (Failure.Kind kind : Failure.Kind.values()) {
      assertThat(Answer.outcome(kind).name()).isEqualTo(kind.name());
    }
  }

  private static Approach proven() {
    return ((Over) ANY.answered(Answer.GOOD, "h2c", FIRST)).approach();
  }

  private static Approach approach(ProbePlan plan, boolean inside) {
    Optional<Sockets> sockets = inside ? Optional.of(Sockets.HERE) : Optional.empty();
    return Approach.of(Dialect.of(plan), List.copyOf(Route.to(POD, sockets)));
  }

  private static Failure failure(Failure.Kind kind) {
    return new Failure(kind, "it failed");
  }
}
