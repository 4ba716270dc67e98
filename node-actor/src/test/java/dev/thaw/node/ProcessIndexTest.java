package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.MarkKind;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ProcessIndexTest {
  private static final Address ADDRESS =
      Address.newBuilder().setHost("127.0.0.5").setPort(8080).build();
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("hello-0.x").setStartId("1").build();

  private static final ProcessStarted STARTED =
      ProcessStarted.newBuilder().setStart(START).setPid(1).setExecNanos(1).build();

  private final ProcessIndex index = new ProcessIndex();

  @Test
  void anEventOfAGroupIsItsPods() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);

    Signal signal = index.seen(listen(7, 0, "127.0.0.5", 8080)).orElseThrow();

    assertThat(signal.getStart()).isEqualTo(START);
    assertThat(signal.getKind()).isEqualTo(Signal.Kind.LISTEN);
    assertThat(signal.getTarget()).isTrue();
    assertThat(index.seen(listen(8, 0, "127.0.0.5", 8080))).isEmpty();
  }

  @Test
  void onAnOldMachineTheOtherHierarchysIdTells() {
    index.expect("hello-0.x", ADDRESS, 0, 9);
    index.started(STARTED);

    assertThat(index.seen(listen(0, 9, "127.0.0.5", 8080))).isPresent();
    assertThat(index.seen(listen(0, 0, "127.0.0.5", 8080))).isEmpty();
  }

  @Test
  void theKernelIsFasterAndItsWordIsKeptInOrder() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    assertThat(index.seen(exec(1))).isEmpty();
    assertThat(index.seen(new KernelEvent.Mark(2, 1, 7, 0, MarkKind.RUNTIME_MAIN))).isEmpty();
    assertThat(index.seen(new KernelEvent.Mark(3, 1, 7, 0, MarkKind.MAIN_MAIN))).isEmpty();

    assertThat(index.started(STARTED))
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.EXEC, Signal.Kind.RUNTIME_MAIN, Signal.Kind.MAIN_MAIN);
    assertThat(index.started(STARTED)).isEmpty();
  }

  @Test
  void whatWaitsIsBoundedAndTheOldestGoes() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    for (int at = 1; at <= 1000; at++) {
      index.seen(exec(at));
    }

    assertThat(index.started(STARTED))
        .hasSize(256)
        .first()
        .satisfies(s -> assertThat(s.getAtNanos()).isEqualTo(745));
  }

  @Test
  void ofAnEarlierProcessInTheSameGroupNothingIsTold() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.seen(exec(1));

    index.expect("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(STARTED)).isEmpty();
  }

  @Test
  void whatAPredecessorLeftUnreadIsTheAdoptedProcesss() {
    index.seen(exec(1));
    index.seen(listen(8, 0, "127.0.0.5", 8080));

    index.adopt("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(STARTED))
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.EXEC);
  }

  /** The ring holds what nobody has read, the kernel's rows what was read by the dead. */
  @Test
  void whatIsHeardOfAnAdoptedProcessFromTwoSidesIsToldInTheOrderInWhichItHappened() {
    index.seen(closed(9, 5));
    index.seen(exec(2));
    index.seen(listen(3, KernelEvent.Listen.UNKNOWN_SOCKET));

    index.adopt("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(STARTED))
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.EXEC, Signal.Kind.LISTEN, Signal.Kind.LISTEN_CLOSED);
  }

  @Test
  void whatTheKernelRemembersOfAnEarlierProcessOfTheGroupIsNotTold() {
    index.seen(exec(4));
    index.seen(exit(6, 1, 0));

    index.adopt("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(STARTED.toBuilder().setExecNanos(7).build())).isEmpty();
    assertThat(index.end(START)).isEmpty();
  }

  @Test
  void theEndOfAProcessIsItsOwnAndARowHidesNoStatus() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);
    index.seen(exit(5, 2, 0));
    assertThat(index.end(START)).as("a helper's").isEmpty();

    index.seen(exit(8, 1, 9));
    index.seen(exit(8, 1, KernelEvent.Exit.UNKNOWN_STATUS));

    assertThat(index.end(START)).contains(exit(8, 1, 9));
    assertThat(index.end(START.toBuilder().setStartId("2").build())).isEmpty();
  }

  @Test
  void theStatusIsTakenWhereTheTimeAloneWasKnown() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);
    index.seen(exit(8, 1, KernelEvent.Exit.UNKNOWN_STATUS));

    index.seen(exit(8, 1, 256));

    assertThat(index.end(START)).contains(exit(8, 1, 256));
  }

  private static KernelEvent.Exit exit(long at, int pid, int status) {
    return new KernelEvent.Exit(at, pid, 7, 0, status);
  }

  @Test
  void aNewProcessHasNothingFromBefore() {
    index.seen(exec(1));

    index.expect("hello-0.x", ADDRESS, 7, 0);

    assertThat(index.started(STARTED)).isEmpty();
  }

  @Test
  void socketsOnOneAddressAreOneListener() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);
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
    index.started(STARTED);
    assertThat(index.seen(listen(KernelEvent.Listen.UNKNOWN_SOCKET))).isPresent();

    assertThat(index.seen(closed(5))).isPresent();
  }

  @Test
  void everyMarkIsASignal() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);

    assertThat(MarkKind.values())
        .extracting(kind -> index.seen(new KernelEvent.Mark(2, 1, 7, 0, kind)).orElseThrow())
        .extracting(signal -> signal.getKind() + " " + signal.getServer())
        .containsExactly("RUNTIME_MAIN ", "MAIN_MAIN ", "SERVE net/http", "SERVE grpc");
  }

  private static KernelEvent listen(long socket) {
    return listen(1, socket);
  }

  private static KernelEvent listen(long at, long socket) {
    return new KernelEvent.Listen(at, 1, 7, 0, new InetSocketAddress("127.0.0.5", 8080), socket);
  }

  private static KernelEvent closed(long socket) {
    return closed(1, socket);
  }

  private static KernelEvent closed(long at, long socket) {
    return new KernelEvent.ListenClosed(
        at, 1, 7, 0, new InetSocketAddress("127.0.0.5", 8080), socket);
  }

  @Test
  void whoIsForgottenHasNoEventsAndAnEndIsNoSignal() {
    index.expect("hello-0.x", ADDRESS, 7, 0);
    index.started(STARTED);
    assertThat(index.seen(new KernelEvent.Exit(1, 1, 7, 0, 0))).isEmpty();

    index.forget("hello-0.x");

    assertThat(index.seen(exec(1))).isEmpty();
    assertThat(index.started(STARTED)).isEmpty();
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
