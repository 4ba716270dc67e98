package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a node's ears when something goes wrong. */
class KernelWatchTest {
  private static final ProcessIndex.Group GROUP = new ProcessIndex.Group(7, 0);

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<KernelEvent> happened = kit.createTestProbe(KernelEvent.class);
  private final TestProbe<String> said = kit.createTestProbe(String.class);
  private final TestProbe<Done> done = kit.createTestProbe(Done.class);
  private final FakeSignals source = new FakeSignals();

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  /** Under a POSIX locale é is such a letter; a name with a zero in it is none anywhere. */
  @Test
  void aNameThisMachineHasNoLettersForEndsNothing() {
    var watch = spawn(unstopped -> source);

    watch.tell(new KernelWatch.Became(exec("/tmp/\0")));
    source.events.add(new KernelEvent.Stopped(exec("/tmp/\0")));

    assertThat(happened.receiveMessage()).isInstanceOf(KernelEvent.Exit.class); // it went on
    said.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aProcessThatWaitedTooLongForItsLookLacksMarksAndThatIsSaid() {
    source.tooLate = true;
    spawn(unstopped -> source);

    source.events.add(new KernelEvent.Stopped(exec("/srv/app")));

    assertThat(List.of(happened.receiveMessage(), happened.receiveMessage()))
        .filteredOn(KernelEvent.Unmarked.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            KernelEvent.Unmarked.class,
            unmarked -> {
              assertThat(unmarked.path()).isEqualTo("/srv/app");
              assertThat(unmarked.why()).contains("let go before it had been looked at");
            });
  }

  @Test
  void whatHoldsUpALookHoldsUpNothingElse() throws Exception {
    source.endless.add("/nfs/app");
    var watch = spawn(unstopped -> source);
    watch.tell(new KernelWatch.Became(exec("/nfs/app")));
    assertThat(source.looks.take()).isEqualTo("/nfs/app");

    watch.tell(new KernelWatch.Watch(GROUP, Optional.of(Path.of("/srv/app")), done.ref()));
    source.events.add(new KernelEvent.Stopped(exec("/srv/other")));

    done.receiveMessage();
    assertThat(happened.receiveMessage()).isInstanceOf(KernelEvent.Exit.class); // it went on
    assertThat(List.of(source.looks.take(), source.looks.take()))
        .containsExactlyInAnyOrder("/srv/app", "/srv/other");
    int before = source.checks.get();
    done.awaitAssert(() -> assertThat(source.checks.get()).isGreaterThan(before + 1));
  }

  @Test
  void aStartThatCannotBeMarkedInTimeGoesOn() {
    source.endless.add("/nfs/app");
    var watch = spawn(unstopped -> source);

    for (int i = 0; i < 3; i++) { // more than there are threads
      watch.tell(new KernelWatch.Watch(GROUP, Optional.of(Path.of("/nfs/app")), done.ref()));
    }

    done.receiveSeveralMessages(3, Duration.ofSeconds(10));
    said.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aLookThatFailsIsSaidAndNothingElseFails() {
    source.lookFailure = new BpfException("the pin cannot be removed");
    var watch = spawn(unstopped -> source);

    watch.tell(new KernelWatch.Became(exec("/srv/app")));

    assertThat(said.receiveMessage())
        .isEqualTo("degraded signals an image cannot be looked at: the pin cannot be removed");
    watch.tell(new KernelWatch.Watch(GROUP, Optional.of(Path.of("/srv/app")), done.ref()));
    done.receiveMessage();
    assertThat(source.closed).isFalse();
  }

  @Test
  void aReaderThatFailsIsSaidAndAnotherReadsOn() {
    var second = new FakeSignals();
    var sources = new LinkedBlockingQueue<SignalSource>(List.of(source, second));
    var watch = spawn(unstopped -> sources.remove());
    watch(watch);

    source.failure = new BpfException("map startup_lost cannot be read");

    assertThat(said.receiveMessage())
        .isEqualTo(
            "missed the watch on starts has failed and begins anew: map startup_lost cannot be read");
    second.events.add(exec("/bin/true"));
    assertThat(happened.receiveMessage()).isEqualTo(exec("/bin/true"));
    assertThat(source.closed).isTrue();
  }

  @Test
  void ordersGivenWhileItBeginsAnewAreCarriedOut() {
    var second = new FakeSignals();
    var sources = new LinkedBlockingQueue<SignalSource>(List.of(source, second));
    var watch = spawn(unstopped -> sources.remove());
    source.failure = new BpfException("it is gone");
    said.receiveMessage();

    watch(watch);

    assertThat(second.watched()).containsExactly(GROUP);
  }

  @Test
  void whereTheKernelRefusesThatIsSaidAndStartsGoOnWithout() {
    var watch =
        spawn(
            unstopped -> {
              throw new BpfException("startup.bpf.o cannot be loaded");
            });

    watch(watch);

    assertThat(said.receiveMessage()).isEqualTo("refused startup.bpf.o cannot be loaded");
    watch.tell(new KernelWatch.Stop(true, done.ref()));
    done.receiveMessage();
  }

  @Test
  void aGroupThatFindsNoRoomIsSaidAndItsProcessIsStartedAllTheSame() {
    source.full = true;
    var watch = spawn(unstopped -> source);

    watch(watch);

    assertThat(said.receiveMessage())
        .isEqualTo(
            "degraded signals a control group cannot be watched: map watched cannot be written: Argument list too long (7)");
  }

  @Test
  void whatFoundNoRoomIsSaidOnce() {
    source.lost = 3;
    spawn(unstopped -> source);

    assertThat(said.receiveMessage()).isEqualTo("lost 3");
    assertThat(said.receiveMessage()).startsWith("missed 3 kernel events found the ring full");
    source.events.add(exec("/bin/true"));
    happened.receiveMessage();
    source.events.add(exec("/bin/true"));
    happened.receiveMessage();
    said.expectNoMessage(Duration.ZERO);
  }

  /** A read that was under way may have looked before the kernel spoke. */
  @Test
  void whoCatchesUpIsAnsweredAfterAReadThatBeganLater() throws Exception {
    var heard = new LinkedBlockingQueue<KernelEvent>();
    var underWay = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var reader =
        SignalReader.start(
            source,
            new SignalReader.Listener() {
              @Override
              public void happened(KernelEvent event) {
                underWay.countDown();
                Latches.await(goOn);
                heard.add(event);
              }

              @Override
              public void lost(long count) {}

              @Override
              public void ended(SignalReader reader, Throwable why) {}
            });
    source.events.add(exec("/bin/first"));
    Latches.await(underWay);

    var caughtUp = reader.caughtUp();
    source.events.add(exec("/bin/second"));
    assertThat(caughtUp).isNotDone();
    goOn.countDown();
    caughtUp.get(10, TimeUnit.SECONDS);

    assertThat(heard).containsExactly(exec("/bin/first"), exec("/bin/second"));
    reader.close();
  }

  @Test
  void ofTheDeadOfAGroupTheKernelsMemoryIsTold() {
    var watch = spawn(unstopped -> source);

    watch.tell(new KernelWatch.CatchUp(done.ref()));
    done.receiveMessage();
    watch.tell(new KernelWatch.RecallEnded(GROUP, done.ref()));

    assertThat(happened.receiveMessage().pid()).isEqualTo(3);
    done.receiveMessage();
  }

  @Test
  void aGroupIsWatchedUntilItIsNot() {
    var watch = spawn(unstopped -> source);
    watch(watch);
    assertThat(source.watched()).containsExactly(GROUP);

    watch.tell(new KernelWatch.Unwatch(GROUP));
    watch.tell(new KernelWatch.Stop(true, done.ref()));
    done.receiveMessage();

    assertThat(source.watched()).isEmpty();
    assertThat(source.unpinned).isTrue();
  }

  private ActorRef<KernelWatch.Command> spawn(Function<Consumer<String>, SignalSource> opening) {
    return kit.spawn(
        KernelWatch.create(
            opening,
            new KernelWatch.Listener() {
              @Override
              public void happened(KernelEvent event) {
                happened.ref().tell(event);
              }

              @Override
              public void missed(String why) {
                said.ref().tell("missed " + why);
              }

              @Override
              public void lost(long total) {
                said.ref().tell("lost " + total);
              }

              @Override
              public void refused(String why) {
                said.ref().tell("refused " + why);
              }

              @Override
              public void degraded(String what, String why) {
                said.ref().tell("degraded " + what + " " + why);
              }
            }));
  }

  private void watch(ActorRef<KernelWatch.Command> watch) {
    watch.tell(new KernelWatch.Watch(GROUP, Optional.empty(), done.ref()));
    done.receiveMessage();
  }

  private static KernelEvent.Exec exec(String path) {
    return new KernelEvent.Exec(5, 12, 1, 7, 0, 1, new ImageId(3, 4), path);
  }
}
