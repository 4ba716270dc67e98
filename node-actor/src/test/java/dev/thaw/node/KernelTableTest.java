package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfException;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Degraded;
import dev.thaw.protocol.v1.DropService;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PicksReport;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.TableApplied;
import dev.thaw.protocol.v1.TableEntry;
import dev.thaw.protocol.v1.TableRefused;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KernelTableTest {
  private static final InetSocketAddress SERVICE = new InetSocketAddress("127.100.0.1", 80);

  /** A service that is asked for an answer when a test wants to know that all else is done. */
  private static final InetSocketAddress SENTINEL = new InetSocketAddress("127.100.0.99", 80);

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<FromNode> heard = kit.createTestProbe(FromNode.class);
  private final FakeBalancing balancer = new FakeBalancing();
  private final ActorRef<KernelTable.Command> table =
      kit.spawn(KernelTable.create(() -> balancer, message -> heard.ref().tell(message)));

  @BeforeEach
  void serveTheSentinel() {
    table.tell(new KernelTable.Serve(wanted("sentinel", SENTINEL, 1, 2)));
    heard.receiveMessage();
  }

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  @Test
  void aTableIsAppliedWholeAndAcknowledged() {
    TableApplied applied = serve(1, 5).getTableApplied();

    assertThat(applied.getVersion()).isEqualTo(5);
    assertThat(applied.getPlane()).isEqualTo("kernel");
    assertThat(balancer.services()).containsEntry(1, SERVICE);
    assertThat(balancer.table(1))
        .contains(
            new Balancer.AppliedTable(
                5, List.of(new Balancer.Backend(3, new InetSocketAddress("127.0.0.5", 8080), 40))));
  }

  @Test
  void anOlderVersionOrAnOlderTermIsRefusedWithWhatIsHeld() {
    serve(2, 5);

    TableRefused version = serve(2, 4).getTableRefused();
    TableRefused term = serve(1, 6).getTableRefused();

    assertThat(version.getHaveVersion()).isEqualTo(5);
    assertThat(term.getHaveTerm()).isEqualTo(2);
    assertThat(balancer.table(1).orElseThrow().epoch()).isEqualTo(5);
  }

  @Test
  void aTableThatIsInForceIsAcknowledgedAgainAndNotReplaced() {
    serve(1, 5);
    balancer.failing = true;

    assertThat(serve(1, 5).getTableApplied().getVersion()).isEqualTo(5);
  }

  @Test
  void whatTheKernelDoesNotTakeIsNotAcknowledgedAndMayBeSentAgain() {
    balancer.failing = true;
    table.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 5)));
    handled();
    heard.expectNoMessage(Duration.ZERO);

    balancer.failing = false;

    assertThat(serve(1, 5).getTableApplied().getVersion()).isEqualTo(5);
  }

  @Test
  void aSuccessorKeepsTheIdAndTheVersionThatTheKernelHolds() {
    var pinned = new FakeBalancing();
    pinned.define(7, SERVICE, Balancer.OnSilence.KEEP);
    pinned.apply(7, 9, List.of());
    var successor =
        kit.spawn(KernelTable.create(() -> pinned, message -> heard.ref().tell(message)));

    successor.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 8)));
    assertThat(heard.receiveMessage().getTableRefused().getHaveVersion()).isEqualTo(9);
    successor.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 10)));

    assertThat(heard.receiveMessage().getTableApplied().getVersion()).isEqualTo(10);
    assertThat(pinned.services()).containsOnlyKeys(7);
    assertThat(pinned.table(7).orElseThrow().epoch()).isEqualTo(10);
  }

  @Test
  void servicesHaveIdsOfTheirOwnAndADroppedOneIsFreed() {
    serve(1, 1);
    InetSocketAddress other = new InetSocketAddress("127.100.0.2", 80);
    table.tell(new KernelTable.Serve(wanted("stock", other, 1, 1)));
    heard.receiveMessage();
    assertThat(balancer.services()).containsEntry(1, SERVICE).containsEntry(2, other);

    table.tell(new KernelTable.Drop(DropService.newBuilder().setWorkload("orders").build()));
    handled();
    assertThat(balancer.services()).containsOnlyKeys(0, 2);
    table.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 1)));
    heard.receiveMessage();

    assertThat(balancer.services()).containsEntry(1, SERVICE);
  }

  @Test
  void picksAreReportedEverySecondWhenTheyHaveChanged() {
    serve(1, 5);
    balancer.picks =
        List.of(
            new Balancer.PickCount(3, 5, 10, 9, 1, 0), new Balancer.PickCount(3, 4, 99, 99, 0, 0));

    time.timePasses(Duration.ofMillis(999));
    handled();
    heard.expectNoMessage(Duration.ZERO);
    time.timePasses(Duration.ofMillis(1));

    assertThat(heard.receiveMessage().getPicksReport().getSlotsList())
        .containsExactly(
            PicksReport.Slot.newBuilder()
                .setSlot(3)
                .setPicks(10)
                .setConnects(9)
                .setFailures(1)
                .build());
    time.timePasses(Duration.ofSeconds(1));
    handled();
    heard.expectNoMessage(Duration.ZERO);
    assertThat(balancer.beats).isEqualTo(2);
  }

  @Test
  void theFirstPickUnderATableIsToldOnceAndNoEarlierTables() {
    serve(1, 5);
    balancer.picks =
        List.of(
            new Balancer.PickCount(3, 5, 10, 9, 1, 50), new Balancer.PickCount(3, 4, 9, 9, 0, 40));

    time.timePasses(Duration.ofMillis(100));

    FromNode told = heard.receiveMessage();
    assertThat(told.getTableApplied().getVersion()).isEqualTo(5);
    assertThat(told.getTableApplied().getFirstPickNanos()).isEqualTo(50);
    time.timePasses(Duration.ofMillis(100));
    handled();
    heard.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whatFailsOnceIsSaidAndTheTableInForceIsStillKnown() {
    serve(1, 5);
    balancer.beatFails = true;

    time.timePasses(Duration.ofSeconds(1));

    Degraded trouble = heard.receiveMessage().getDegraded();
    assertThat(trouble.getWhat()).isEqualTo("balancing");
    assertThat(trouble.getWhy()).isEqualTo("map beat cannot be written");
    assertThat(serve(1, 4).getTableRefused().getHaveVersion()).isEqualTo(5);
  }

  @Test
  void whereTheKernelRefusesThatIsSaidAndTriedAgainAndOrdersWait() {
    var tries = new AtomicInteger();
    var late = new FakeBalancing();
    var second =
        kit.spawn(
            KernelTable.create(
                () -> {
                  if (tries.incrementAndGet() == 1) {
                    throw new BpfException("balance.bpf.o cannot be loaded");
                  }
                  return late;
                },
                message -> heard.ref().tell(message)));
    second.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 5)));
    assertThat(heard.receiveMessage().getDegraded().getWhy())
        .isEqualTo("balance.bpf.o cannot be loaded");

    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (late.services().isEmpty() && System.nanoTime() < deadline) {
      time.timePasses(Duration.ofMillis(200));
    }

    assertThat(heard.receiveMessage().getTableApplied().getVersion()).isEqualTo(5);
  }

  @Test
  void stoppingLetsGoAndOnlyOnRequestEndsTheBalancing() {
    stop(false);

    assertThat(balancer.closed).isTrue();
    assertThat(balancer.unpinned).isFalse();
  }

  @Test
  void aCleanStopEndsTheBalancing() {
    stop(true);

    assertThat(balancer.unpinned).isTrue();
  }

  @Test
  void whereNothingCanBeBalancedNobodyIsSaidToDoIt() {
    var absent = kit.spawn(KernelTable.absent(message -> heard.ref().tell(message)));

    absent.tell(new KernelTable.Serve(wanted("orders", SERVICE, 1, 5)));

    assertThat(heard.receiveMessage().getTableApplied().getPlane()).isEqualTo("none");
  }

  private FromNode serve(long term, long version) {
    table.tell(new KernelTable.Serve(wanted("orders", SERVICE, term, version)));
    return heard.receiveMessage();
  }

  private static ServeTable wanted(
      String workload, InetSocketAddress service, long term, long version) {
    return ServeTable.newBuilder()
        .setWorkload(workload)
        .setTerm(term)
        .setVersion(version)
        .setService(
            Address.newBuilder().setHost(service.getHostString()).setPort(service.getPort()))
        .addEntries(
            TableEntry.newBuilder()
                .setSlot(3)
                .setWeight(40)
                .setAddress(Address.newBuilder().setHost("127.0.0.5").setPort(8080)))
        .build();
  }

  private void stop(boolean unpin) {
    TestProbe<Done> done = kit.createTestProbe(Done.class);
    table.tell(new KernelTable.Stop(unpin, done.ref()));
    done.expectMessage(Done.getInstance());
  }

  /** All that was sent before has been handled when this returns: an older table is refused. */
  private void handled() {
    table.tell(new KernelTable.Serve(wanted("sentinel", SENTINEL, 1, 1)));
    assertThat(heard.receiveMessage().hasTableRefused()).isTrue();
  }
}
