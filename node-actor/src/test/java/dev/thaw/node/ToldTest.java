package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ToldTest {
  private final Told told = new Told();

  @Test
  void ofEachKindTheLastWordIsSaidAgain() {
    FromNode started = started("a", "1");
    FromNode second = probe("a", 2);
    told.remember(started);
    told.remember(probe("a", 1));
    told.remember(second);

    assertThat(told.all()).containsExactly(started, second);
  }

  @Test
  void everyExecStaysAndOfAListenerTheLastWord() {
    FromNode shell = signal("a", Signal.Kind.EXEC, 1, 0);
    FromNode server = signal("a", Signal.Kind.EXEC, 2, 0);
    FromNode other = signal("a", Signal.Kind.LISTEN, 4, 81);
    FromNode again = signal("a", Signal.Kind.LISTEN, 5, 80);
    told.remember(shell);
    told.remember(server);
    told.remember(signal("a", Signal.Kind.LISTEN, 3, 80));
    told.remember(other);
    told.remember(again);

    assertThat(told.all()).containsExactly(shell, server, other, again);
  }

  @Test
  void ofAServerThatIsStartedAnewForEverTheFirstExecAndTheLastOnesStay() {
    FromNode first = signal("a", Signal.Kind.EXEC, 1, 0);
    FromNode last = signal("a", Signal.Kind.EXEC, 1_000, 0);
    told.remember(first);
    for (int at = 2; at < 1_000; at++) {
      told.remember(signal("a", Signal.Kind.EXEC, at, 0));
    }
    told.remember(last);

    assertThat(told.all()).hasSize(Steps.TOLD).startsWith(first).endsWith(last);
  }

  @Test
  void theSameSignalIsKnownAndALaterOneIsNot() {
    FromNode listen = signal("a", Signal.Kind.LISTEN, 3, 80);
    told.remember(listen);

    assertThat(told.has(listen.getSignal())).isTrue();
    assertThat(told.has(signal("a", Signal.Kind.LISTEN, 4, 80).getSignal())).isFalse();
    assertThat(told.has(signal("a", Signal.Kind.LISTEN, 3, 81).getSignal())).isFalse();
    assertThat(told.has(signal("b", Signal.Kind.LISTEN, 3, 80).getSignal())).isFalse();
  }

  @Test
  void aListenerIsOpenSinceItsOpeningUntilItsEndIsTold() {
    FromNode listen = signal("a", Signal.Kind.LISTEN, 3, 80);
    FromNode closed = signal("a", Signal.Kind.LISTEN_CLOSED, 4, 80);
    assertThat(told.open("a")).isEmpty();

    told.remember(listen);
    assertThat(told.open("a")).containsExactly(entry(new InetSocketAddress("127.0.0.1", 80), 3L));
    told.remember(closed);

    assertThat(told.open("a")).isEmpty();
  }

  @Test
  void ofTheListenerThatIsAskedForItsEndIsSaidAgainAndOfOthersThatAreClosedNothing() {
    FromNode listen = target(signal("a", Signal.Kind.LISTEN, 3, 80));
    FromNode closed = target(signal("a", Signal.Kind.LISTEN_CLOSED, 4, 80));
    told.remember(listen);
    told.remember(signal("a", Signal.Kind.LISTEN, 5, 81));
    told.remember(closed);
    told.remember(signal("a", Signal.Kind.LISTEN_CLOSED, 6, 81));

    assertThat(told.all()).containsExactly(listen, closed);
  }

  private static FromNode target(FromNode message) {
    return message.toBuilder().setSignal(message.getSignal().toBuilder().setTarget(true)).build();
  }

  @Test
  void aNewStartVoidsWhatWasSaidOfTheEarlier() {
    told.remember(started("a", "1"));
    told.remember(probe("a", 9));
    told.remember(signal("a", Signal.Kind.LISTEN, 3, 80));

    told.remember(started("a", "2"));

    assertThat(told.all()).containsExactly(started("a", "2"));
    assertThat(told.open("a")).isEmpty();
  }

  @Test
  void podsAreToldOneAfterAnotherAndForgottenAlone() {
    told.remember(started("a", "1"));
    told.remember(started("b", "1"));
    told.remember(probe("a", 1));
    assertThat(told.all()).containsExactly(started("a", "1"), probe("a", 1), started("b", "1"));

    told.forget("a");

    assertThat(told.all()).containsExactly(started("b", "1"));
  }

  @Test
  void whatIsNotAboutAPodIsNotKept() {
    told.remember(FromNode.newBuilder().setHello(Hello.getDefaultInstance()).build());

    assertThat(told.all()).isEmpty();
  }

  private static StartRef ref(String uid, String id) {
    return StartRef.newBuilder().setPodUid(uid).setStartId(id).build();
  }

  private static FromNode started(String uid, String id) {
    return FromNode.newBuilder()
        .setProcessStarted(ProcessStarted.newBuilder().setStart(ref(uid, id)))
        .build();
  }

  private static FromNode probe(String uid, int inRow) {
    return FromNode.newBuilder()
        .setProbeReport(ProbeReport.newBuilder().setStart(ref(uid, "1")).setSuccessesInRow(inRow))
        .build();
  }

  private static FromNode signal(String uid, Signal.Kind kind, long at, int port) {
    return FromNode.newBuilder()
        .setSignal(
            Signal.newBuilder()
                .setStart(ref(uid, "1"))
                .setKind(kind)
                .setAtNanos(at)
                .setAddress(Address.newBuilder().setHost("127.0.0.1").setPort(port)))
        .build();
  }
}
