package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListenerChangesTest {
  private static final InetSocketAddress SERVICE = new InetSocketAddress("127.0.0.5", 8080);
  private static final InetSocketAddress OTHER = new InetSocketAddress("127.0.0.5", 6060);

  private final ListenerChanges changes = new ListenerChanges();

  @Test
  void aListenerIsToldOnceAndSoIsItsEnd() {
    LocalProcess process = process(1);

    assertThat(changes.since(process, Set.of(SERVICE), 7))
        .singleElement()
        .satisfies(
            signal -> {
              assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN);
              assertThat(signal.getAtNanos()).isEqualTo(7);
              assertThat(signal.getTarget()).isTrue();
              assertThat(signal.getObservedByProc()).isTrue();
            });
    assertThat(changes.since(process, Set.of(SERVICE), 8)).isEmpty();
    assertThat(changes.since(process, Set.of(), 9))
        .singleElement()
        .satisfies(signal -> assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN_CLOSED));
  }

  @Test
  void anotherPortIsNotTheOneThatWasAskedFor() {
    assertThat(changes.since(process(1), Set.of(OTHER), 7))
        .singleElement()
        .satisfies(signal -> assertThat(signal.getTarget()).isFalse());
  }

  @Test
  void theNextStartOfAPodBeginsWithNothing() {
    changes.since(process(1), Set.of(SERVICE), 7);

    assertThat(changes.since(process(2), Set.of(SERVICE), 8)).hasSize(1);
  }

  @Test
  void whatOthersHaveToldIsNotToldAgainButItsEndIs() {
    changes.assume(process(1).start(), Set.of(SERVICE, OTHER));

    assertThat(changes.since(process(1), Set.of(SERVICE), 7))
        .singleElement()
        .satisfies(
            signal -> {
              assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN_CLOSED);
              assertThat(signal.getAddress().getPort()).isEqualTo(OTHER.getPort());
            });
  }

  @Test
  void whatIsForgottenIsToldAnew() {
    changes.since(process(1), Set.of(SERVICE), 7);

    changes.forget(process(1).start());

    assertThat(changes.since(process(1), Set.of(SERVICE), 8)).hasSize(1);
  }

  @Test
  void aLookFindsTheSocketsOfTheProcess() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(ListenerChanges.look(process((int) ProcessHandle.current().pid())))
          .contains((InetSocketAddress) socket.getLocalSocketAddress());
    }
  }

  private static LocalProcess process(int pid) {
    return new LocalProcess(
        TrackPod.newBuilder()
            .setPodUid("hello-0.x")
            .setAddress(Address.newBuilder().setHost("127.0.0.5").setPort(8080))
            .build(),
        new ProcessRegister.Entry("hello-0.x", "boot", pid, 1, 1, "log"),
        Optional.empty(),
        false);
  }
}
