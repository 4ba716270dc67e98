package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListenerChangesTest {
  private static final InetSocketAddress SERVICE = new InetSocketAddress("127.0.0.5", 8080);
  private static final InetSocketAddress OTHER = new InetSocketAddress("127.0.0.5", 6060);
  private static final LocalProcess PROCESS = process(1);

  @Test
  void aListenerIsToldOnceAndSoIsItsEnd() {
    assertThat(ListenerChanges.between(Map.of(), PROCESS, Set.of(SERVICE), 7))
        .singleElement()
        .satisfies(
            signal -> {
              assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN);
              assertThat(signal.getAtNanos()).isEqualTo(7);
              assertThat(signal.getTarget()).isTrue();
              assertThat(signal.getObservedByProc()).isTrue();
            });
    assertThat(ListenerChanges.between(Map.of(SERVICE, 7L), PROCESS, Set.of(SERVICE), 8)).isEmpty();
    assertThat(ListenerChanges.between(Map.of(SERVICE, 7L), PROCESS, Set.of(), 9))
        .singleElement()
        .satisfies(signal -> assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN_CLOSED));
  }

  @Test
  void anotherPortIsNotTheOneThatWasAskedFor() {
    assertThat(ListenerChanges.between(Map.of(), PROCESS, Set.of(OTHER), 7))
        .singleElement()
        .satisfies(signal -> assertThat(signal.getTarget()).isFalse());
  }

  @Test
  void aNewListenerIsToldBeforeTheEndOfAnother() {
    assertThat(ListenerChanges.between(Map.of(OTHER, 1L), PROCESS, Set.of(SERVICE), 7))
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.LISTEN, Signal.Kind.LISTEN_CLOSED);
  }

  /** The kernel was faster. */
  @Test
  void whatHasOpenedSinceALookBeganWasNotThereToBeSeen() {
    assertThat(ListenerChanges.between(Map.of(SERVICE, 8L), PROCESS, Set.of(), 7)).isEmpty();
  }

  @Test
  void aLookFindsTheSocketsOfTheProcess() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(process((int) ProcessHandle.current().pid()).listeners())
          .contains((InetSocketAddress) socket.getLocalSocketAddress());
    }
  }

  private static LocalProcess process(int pid) {
    return new LocalProcess(
        TrackPod.newBuilder()
            .setPodUid("hello-0.x")
            .setAddress(Address.newBuilder().setHost("127.0.0.5").setPort(8080))
            .build(),
        new ProcessRegister.Entry("hello-0.x", "boot", pid, 1, 1, "log", 0),
        Optional.empty(),
        false);
  }
}
