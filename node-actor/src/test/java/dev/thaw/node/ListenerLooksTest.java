package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When /proc is looked at, on a clock that the test owns. */
class ListenerLooksTest {
  private static final InetSocketAddress SERVICE = new InetSocketAddress("127.0.0.5", 8080);
  private static final InetSocketAddress OTHER = new InetSocketAddress("127.0.0.5", 6060);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A look's result. */
  private record Seen(LocalProcess process, Set<InetSocketAddress> found) {}

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<Seen> seen = kit.createTestProbe(Seen.class);

  /** Looks that have begun; each ends when the test says what it finds. */
  private final BlockingQueue<CompletableFuture<Set<InetSocketAddress>>> begun =
      new LinkedBlockingQueue<>();

  @AfterEach
  void shutDown() {
    begun.forEach(look -> look.complete(Set.of()));
    kit.shutdownTestKit();
  }

  @Test
  void withoutTheKernelsWordListenersAreFoundByLookingAgainAndAgain() throws Exception {
    var looks = spawn(false, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));
    next().complete(Set.of());
    assertThat(seen.receiveMessage().found()).isEmpty();

    time.timePasses(Duration.ofMillis(100));
    next().complete(Set.of(SERVICE));

    assertThat(seen.receiveMessage()).isEqualTo(new Seen(process(1), Set.of(SERVICE)));
  }

  @Test
  void whereTheKernelTellsNobodyLooksUntilItIsAskedFor() throws Exception {
    var looks = spawn(true, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));

    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    next().complete(Set.of(SERVICE));
    seen.receiveMessage();
    time.timePasses(Duration.ofSeconds(10));

    seen.expectNoMessage(Duration.ZERO);
    assertThat(begun).isEmpty();
  }

  @Test
  void whenTheKernelHelpsNoMoreListenersAreFoundByLooking() throws Exception {
    var looks = spawn(true, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));

    looks.tell(ListenerLooks.Blind.INSTANCE);
    next().complete(Set.of(SERVICE));
    assertThat(seen.receiveMessage().found()).containsExactly(SERVICE);
    time.timePasses(Duration.ofMillis(100));
    next().complete(Set.of(SERVICE, OTHER));

    assertThat(seen.receiveMessage().found()).containsExactlyInAnyOrder(SERVICE, OTHER);
  }

  @Test
  void aProcessIsLookedAtOnceAtATimeAndOnceMoreIfThatWasAskedForMeanwhile() throws Exception {
    var looks = spawn(true, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));
    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    var first = next();

    for (int i = 0; i < 100; i++) {
      looks.tell(ListenerLooks.LookAgain.INSTANCE);
    }
    first.complete(Set.of());
    next().complete(Set.of(SERVICE));
    assertThat(seen.receiveMessage().found()).isEmpty();
    assertThat(seen.receiveMessage().found()).containsExactly(SERVICE);
    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    next().complete(Set.of(OTHER));

    assertThat(seen.receiveMessage().found()).containsExactly(OTHER);
    assertThat(begun).isEmpty();
  }

  @Test
  void whoIsSlowToBeLookedAtHoldsUpNeitherOthersNorOrders() throws Exception {
    LocalProcess slow = process(1);
    var looks = spawn(true, process -> process.equals(slow) ? slow(process) : Set.of(SERVICE));
    looks.tell(new ListenerLooks.Began(slow));
    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    next();

    looks.tell(new ListenerLooks.Began(process(2)));
    looks.tell(ListenerLooks.LookAgain.INSTANCE);

    assertThat(seen.receiveMessage(PATIENCE).process()).isEqualTo(process(2));
  }

  /** Tables and starts run there. */
  @Test
  void noLookRunsOnTheThreadsOfOthers() throws Exception {
    var names = new LinkedBlockingQueue<String>();
    var looks =
        spawn(
            false,
            process -> {
              names.add(Thread.currentThread().getName());
              return Set.of();
            });

    looks.tell(new ListenerLooks.Began(process(1)));

    assertThat(names.poll(10, TimeUnit.SECONDS)).contains("thaw.node.looks-dispatcher");
  }

  @Test
  void aLookThatFailsIsFollowedByTheNext() throws Exception {
    var looks = spawn(false, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));
    next().completeExceptionally(new IllegalStateException("no such table"));

    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (begun.isEmpty() && System.nanoTime() < deadline) {
      time.timePasses(Duration.ofMillis(100)); // the failure is on its way
    }
    next().complete(Set.of(SERVICE));

    assertThat(seen.receiveMessage().found()).containsExactly(SERVICE);
  }

  @Test
  void ofAProcessThatHasEndedMeanwhileNothingIsTold() throws Exception {
    var looks = spawn(true, this::slow);
    looks.tell(new ListenerLooks.Began(process(1)));
    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    var look = next();

    looks.tell(new ListenerLooks.Ended(process(1)));
    look.complete(Set.of(SERVICE));
    looks.tell(new ListenerLooks.Began(process(2)));
    looks.tell(ListenerLooks.LookAgain.INSTANCE);
    next().complete(Set.of(OTHER));

    assertThat(seen.receiveMessage().found()).containsExactly(OTHER);
    seen.expectNoMessage(Duration.ZERO);
  }

  private ActorRef<ListenerLooks.Command> spawn(
      boolean signals, Function<LocalProcess, Set<InetSocketAddress>> look) {
    return kit.spawn(
        ListenerLooks.create(
            signals, look, (process, found, began) -> seen.ref().tell(new Seen(process, found))));
  }

  private Set<InetSocketAddress> slow(LocalProcess process) {
    var look = new CompletableFuture<Set<InetSocketAddress>>();
    begun.add(look);
    return look.join();
  }

  private CompletableFuture<Set<InetSocketAddress>> next() throws InterruptedException {
    var look = begun.poll(10, TimeUnit.SECONDS);
    assertThat(look).as("a look has begun").isNotNull();
    return look;
  }

  private static LocalProcess process(int pid) {
    return new LocalProcess(
        TrackPod.newBuilder().setPodUid("hello-" + pid).build(),
        new ProcessRegister.Entry("hello-" + pid, "boot", pid, 1, 1, "log", 0),
        Optional.empty(),
        false);
  }
}
