package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.MarkKind;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ProcessIndexTest {
  private static final Address ADDRESS =
      Address.newBuilder().setHost("127.0.0.5").setPort(8080).build();
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("hello-0.x").setStartId("1").build();

  private final ProcessIndex index = new ProcessIndex();

  @Test
  void anEventOfAGroupIsItsPods() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(START);

    Signal signal = index.seen(listen(7, 0, "127.0.0.5", 8080)).orElseThrow();

    assertThat(signal.getStart()).isEqualTo(START);
    assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN);
    assertThat(signal.getTarget()).isTrue();
    assertThat(index.seen(listen(8, 0, "127.0.0.5", 8080))).isEmpty();
  }

  @Test
  void onAnOldMachineTheOtherHierarchysIdTells() {
    index.expect("hello-0.x", ADDRESS, 0, 9);
    index.started(START);

    assertThat(index.seen(listen(0, 9, "127.0.0.5", 8080))).isPresent();
    assertThat(index.seen(listen(0, 0, "127.0.0.5", 8080))).isEmpty();
  }

  @Test
  void theKernelIsFasterAndItsWordIsKeptInOrder() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    assertThat(index.seen(exec(1))).isEmpty();
    assertThat(index.seen(new KernelEvent.Mark(2, 1, 7, 0, MarkKind.RUNTIME_MAIN))).isEmpty();
    assertThat(index.seen(new KernelEvent.Mark(3, 1, 7, 0, MarkKind.MAIN_MAIN))).isEmpty();

    assertThat(index.started(START))
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.EXEC, Signal.Kind.RUNTIME_MAIN, Signal.Kind.MAIN_MAIN);
    assertThat(index.started(START)).isEmpty();
  }

  @Test
  void whatWaitsIsBoundedAndTheOldestGoes() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    for (int at = 0; at < 1000; at++) {
      index.seen(exec(at));
    }

    assertThat(index.started(START))
        .hasSize(256)
        .first()
        .satisfies(s -> assertThat(s.getAtNanos()).isEqualTo(744));
  }

  @Test
  void ofAnEarlierProcessInTheSameGroupNothingIsTold() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.seen(exec(1));

    index.expect("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(START)).isEmpty();
  }

  @Test
  void whatAPredecessorLeftUnreadIsTheAdoptedProcesss() {
    index.seen(exec(1));
    index.seen(listen(8, 0, "127.0.0.5", 8080));

    index.adopt("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(START)).extracting(Signal::getKind).containsExactly(Signal.Kind.EXEC);
  }

  @Test
  void aNewProcessHasNothingFromBefore() {
    index.seen(exec(1));

    index.expect("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(START)).isEmpty();
  }

  @Test
  void socketsOnOneAddressAreOneListener() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(START);
    assertThat(index.seen(listen(5))).isPresent();
    assertThat(index.seen(listen(6))).isEmpty();
    assertThat(index.seen(closed(6))).isEmpty();

    assertThat(index.seen(closed(5)))
        .hasValueSatisfying(
            signal -> assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN_CLOSED));
  }

  @Test
  void aListenerWithoutAKnownSocketEndsWithItsFirstEnd() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(START);
    assertThat(index.seen(listen(KernelEvent.Listen.UNKNOWN_SOCKET))).isPresent();

    assertThat(index.seen(closed(5))).isPresent();
  }

  @Test
  void everyMarkIsASignal() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(START);

    assertThat(MarkKind.values())
        .extracting(kind -> index.seen(new KernelEvent.Mark(2, 1, 7, 0, kind)).orElseThrow())
        .extracting(signal -> signal.getKind() + " " + signal.getServer())
        .containsExactly("RUNTIME_MAIN ", "MAIN_MAIN ", "SERVE net/http", "SERVE grpc");
  }

  private static KernelEvent listen(long socket) {
    return new KernelEvent.Listen(1, 1, 7, 0, new InetSocketAddress("127.0.0.5", 8080), socket);
  }

  private static KernelEvent closed(long socket) {
    return new KernelEvent.ListenClosed(
        1, 1, 7, 0, new InetSocketAddress("127.0.0.5", 8080), socket);
  }

  @Test
  void whoIsForgottenHasNoEventsAndAnEndIsNoSignal() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(START);
    assertThat(index.seen(new KernelEvent.Exit(1, 1, 7, 0, 0))).isEmpty();

    index.forget("hello-0.x");

    assertThat(index.seen(exec(1))).isEmpty();
    assertThat(index.started(START)).isEmpty();
  }

  @Test
  void theTargetIsThePortOnThePodsAddressOrOnEvery() {
    assertThat(ProcessIndex.isTarget(ADDRESS, new InetSocketAddress("0.0.0.0", 8080))).isTrue();
    assertThat(ProcessIndex.isTarget(ADDRESS, new InetSocketAddress("::", 8080))).isTrue();
    assertThat(ProcessIndex.isTarget(ADDRESS, new InetSocketAddress("127.0.0.6", 8080))).isFalse();
    assertThat(ProcessIndex.isTarget(ADDRESS, new InetSocketAddress("127.0.0.5", 81))).isFalse();
  }

  private static KernelEvent exec(long at) {
    return new KernelEvent.Exec(at, 1, 0, 7, 0, 1, new ImageId(1, 1), "/bin/x");
  }

  private static KernelEvent listen(long group, long v1, String host, int port) {
    return new KernelEvent.Listen(1, 1, group, v1, new InetSocketAddress(host, port), 5);
  }
}
