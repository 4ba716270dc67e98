package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartsTest {
  private static final TrackPod POD =
      TrackPod.newBuilder()
          .setPodUid("hello-0.x")
          .setAddress(Address.newBuilder().setHost("127.0.0.5").setPort(8080))
          .build();
  private static final ProcessIndex.Group GROUP = new ProcessIndex.Group(7, 9);
  private static final LocalProcess PROCESS =
      new LocalProcess(
          POD,
          new ProcessRegister.Entry("hello-0.x", "boot", 1, 1, 1, "log", 0),
          Optional.empty(),
          false);
  private static final StartRef START = PROCESS.start();
  private static final ProcessStarted STARTED =
      ProcessStarted.newBuilder().setStart(START).setPid(1).build();
  private static final InetSocketAddress SERVICE = new InetSocketAddress("127.0.0.5", 8080);
  private static final InetSocketAddress OTHER = new InetSocketAddress("127.0.0.5", 6060);

  private final List<FromNode> told = new ArrayList<>();
  private final Starts starts = new Starts(told::add, Optional.empty());

  @BeforeEach
  void track() {
    starts.track(POD);
    starts.expect(POD, GROUP);
  }

  @Test
  void whatTheKernelSaidBeforeTheStartWasNamedFollowsIt() {
    assertThat(starts.happened(listen(1, "127.0.0.5", 1))).isEmpty();

    assertThat(starts.started(STARTED)).extracting(Signal::getTarget).containsExactly(true);

    assertThat(told).hasSize(2);
    assertThat(told.get(0).hasProcessStarted()).isTrue();
  }

  @Test
  void whatIsReadAgainIsToldOnce() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));

    assertThat(starts.happened(listen(1, "127.0.0.5", KernelEvent.Listen.UNKNOWN_SOCKET)))
        .isEmpty();

    assertThat(told).hasSize(2);
  }

  @Test
  void whoListensOnTheWantedPortTwiceHasClosedItWhenBothAreClosed() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));
    starts.happened(listen(2, "0.0.0.0", 2));

    Signal first = starts.happened(closed(3, "127.0.0.5", 1)).get(0);
    Signal second = starts.happened(closed(4, "0.0.0.0", 2)).get(0);

    assertThat(first.getTarget()).isFalse();
    assertThat(second.getTarget()).isTrue();
  }

  @Test
  void aHundredThousandListenersThatHaveComeAndGoneLeaveNothing() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));
    var other = new Starts(told::add, Optional.empty());
    other.track(POD);
    other.expect(POD, GROUP);
    other.started(STARTED);
    other.happened(listen(1, "127.0.0.5", 1));

    for (int i = 0; i < 100_000; i++) {
      var at = new InetSocketAddress("127.0.0.%d".formatted(6 + i / 50_000), 9_000 + i % 50_000);
      starts.happened(new KernelEvent.Listen(2 * i + 2, 1, 7, 9, at, i + 2));
      starts.happened(new KernelEvent.ListenClosed(2 * i + 3, 1, 7, 9, at, i + 2));
    }

    assertThat(told).as("each is told").hasSize(200_004);
    assertThat(starts)
        .usingRecursiveComparison()
        .usingOverriddenEquals()
        .ignoringFields("link")
        .isEqualTo(other);
  }

  @Test
  void whatALookFindsAndMissesIsTold() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));

    assertThat(starts.looked(PROCESS, Set.of(OTHER), 2))
        .extracting(Signal::getKind, signal -> signal.getAddress().getPort(), Signal::getTarget)
        .containsExactly(
            tuple(Signal.Kind.LISTEN, 6060, false), tuple(Signal.Kind.LISTEN_CLOSED, 8080, true));
    assertThat(starts.looked(PROCESS, Set.of(OTHER), 3)).isEmpty();
  }

  @Test
  void whatTheKernelHasToldIsNotToldAgainByALook() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));

    assertThat(starts.looked(PROCESS, Set.of(SERVICE), 2)).isEmpty();
  }

  /** The end of the first socket was lost: the next on its address is not a second one. */
  @Test
  void whatALookFoundClosedTheKernelMayTellOfAgain() {
    starts.started(STARTED);
    starts.happened(listen(1, "127.0.0.5", 1));
    starts.looked(PROCESS, Set.of(), 2);

    assertThat(starts.happened(listen(3, "127.0.0.5", 2))).hasSize(1);
  }

  @Test
  void ofAProcessThatHasEndedALookSaysNothing() {
    starts.started(STARTED);
    starts.ended(ProcessExited.newBuilder().setStart(START).build());

    assertThat(starts.looked(PROCESS, Set.of(SERVICE), 2)).isEmpty();
  }

  @Test
  void howAnAdoptedProcessHasEndedTheKernelTells() {
    starts.started(STARTED);
    starts.happened(new KernelEvent.Exit(70, 1, 7, 9, 9));

    starts.ended(
        ProcessExited.newBuilder().setStart(START).setUnknown(true).setAtNanos(99).build());

    ProcessExited said = told.get(1).getProcessExited();
    assertThat(said.getSignal()).isEqualTo(9);
    assertThat(said.getAtNanos()).as("the kernel's own time").isEqualTo(70);
  }

  @Test
  void howAChildOfOursHasEndedIsKnownBetter() {
    starts.started(STARTED);
    starts.happened(
        new KernelEvent.Exit(70, 1, 7, 9, 137 << 8)); // of a shell whose child was killed
    ProcessExited known =
        ProcessExited.newBuilder().setStart(START).setSignal(9).setAtNanos(99).build();

    starts.ended(known);

    assertThat(told.get(1).getProcessExited()).isEqualTo(known);
  }

  @Test
  void theLookAtAnEarlierStartSaysNothingOfThePresentOne() {
    starts.started(STARTED.toBuilder().setStart(START.toBuilder().setStartId("2")).build());

    assertThat(starts.looked(PROCESS, Set.of(SERVICE), 2)).isEmpty();
  }

  @Test
  void aForgottenPodIsNobodysAndIsNotRepeated() {
    starts.started(STARTED);
    starts.untrack("hello-0.x");
    told.clear();

    assertThat(starts.happened(listen(1, "127.0.0.5", 1))).isEmpty();
    starts.repeat();

    assertThat(told).isEmpty();
    assertThat(starts.groups()).isEmpty();
  }

  private static KernelEvent listen(long at, String host, long socket) {
    return new KernelEvent.Listen(at, 1, 7, 9, new InetSocketAddress(host, 8080), socket);
  }

  private static KernelEvent closed(long at, String host, long socket) {
    return new KernelEvent.ListenClosed(at, 1, 7, 9, new InetSocketAddress(host, 8080), socket);
  }
}
