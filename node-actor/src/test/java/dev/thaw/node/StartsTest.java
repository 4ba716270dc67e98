package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartsTest {
  private static final TrackPod POD =
      TrackPod.newBuilder()
          .setPodUid("hello-0.x")
          .setAddress(Address.newBuilder().setHost("127.0.0.5").setPort(8080))
          .build();
  private static final ProcessIndex.Group GROUP = new ProcessIndex.Group(7, 9);
  private static final ProcessStarted STARTED =
      ProcessStarted.newBuilder()
          .setStart(StartRef.newBuilder().setPodUid("hello-0.x").setStartId("1"))
          .build();

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
