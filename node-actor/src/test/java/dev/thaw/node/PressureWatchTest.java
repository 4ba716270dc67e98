package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.HostPressure;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Stalls;
import dev.thaw.protocol.v1.Degraded;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.StartRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node reports of its pressure, and when. */
class PressureWatchTest {
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("u1").setStartId("s1").build();

  @TempDir Path unified;
  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<FromNode> said = kit.createTestProbe();
  private final FakeSource source = new FakeSource();
  private ActorRef<PressureWatch.Command> watch;

  /** A kernel whose figures the test sets. */
  private static final class FakeSource implements PressureSource {
    volatile Optional<HostPressure.Reading> counts = Optional.empty();
    volatile boolean closed;
    volatile boolean failing;

    @Override
    public Optional<HostPressure.Reading> counts() {
      return counts;
    }

    @Override
    public Map<Stalls.Resource, Stalls.Stall> machine() {
      if (failing) {
        failing = false;
        throw new BpfException("map retransmits cannot be read");
      }
      return Map.of(Stalls.Resource.CPU, new Stalls.Stall(70, 7));
    }

    @Override
    public Map<Stalls.Resource, Stalls.Stall> group(Path folder) {
      return folder.endsWith("thaw/orders-0")
          ? Map.of(Stalls.Resource.MEMORY, new Stalls.Stall(5, 1))
          : Map.of();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Its source is opened when its timer is armed: only then may time move. */
  @BeforeEach
  void spawn() throws InterruptedException {
    var armed = new CountDownLatch(1);
    watch =
        kit.spawn(
            PressureWatch.create(
                () -> {
                  armed.countDown();
                  return source;
                },
                new PressureSettings(Duration.ofSeconds(1)),
                said.ref()::tell));
    armed.await();
  }

  @AfterEach
  void shutdown() {
    kit.shutdownTestKit();
  }

  /** The report of the next second; the watch has taken what it was told before. */
  private PressureReport next() {
    time.timePasses(Duration.ofSeconds(1));
    return said.receiveMessage().getPressureReport();
  }

  private Cgroup group() throws Exception {
    Files.createDirectories(unified.resolve("thaw/orders-0"));
    return Cgroup.of(
        new CgroupLayout(Optional.of(unified), Optional.empty(), true), "thaw/orders-0");
  }

  private static HostPressure.Reading reading(long all, Map<Long, Long> byGroup) {
    return new HostPressure.Reading(OptionalLong.of(all), byGroup, List.of(0L, 4L));
  }

  @Test
  void whatTheKernelDoesNotLetUsCountIsAbsentAndNotNought() throws Exception {
    Cgroup group = group();
    watch.tell(new PressureWatch.Watch(START, "orders-0", group));
    source.counts =
        Optional.of(
            new HostPressure.Reading(
                OptionalLong.empty(), Map.of(group.unifiedId(), 2L), List.of(1L)));

    PressureReport report = next();

    assertThat(report.hasRetransmits()).isFalse();
    assertThat(report.getPods(0).hasRetransmits()).isFalse();
    assertThat(report.getBlockRequestsList()).containsExactly(1L);
  }

  @Test
  void withoutProgramsOnlyWhatTheKernelsPagesSayIsReported() {
    PressureReport report = next();

    assertThat(report.hasRetransmits()).isFalse();
    assertThat(report.getBlockRequestsList()).isEmpty();
    assertThat(report.getStallsList())
        .containsExactly(
            PressureReport.Stall.newBuilder()
                .setResource(PressureReport.Stall.Resource.CPU)
                .setSomeMicros(70)
                .setFullMicros(7)
                .build());
    assertThat(report.getIntervalNanos()).isEqualTo(1_000_000_000L);
  }

  @Test
  void aPodsFiguresAreThoseOfItsOwnGroupUntilItIsGone() throws Exception {
    Cgroup group = group();
    source.counts = Optional.of(reading(9, Map.of(group.unifiedId(), 2L, 1L, 7L)));
    watch.tell(new PressureWatch.Watch(START, "orders-0", group));

    PressureReport report = next();
    watch.tell(new PressureWatch.Unwatch("u1"));
    PressureReport after = next();

    assertThat(report.getRetransmits()).isEqualTo(9);
    assertThat(report.getBlockRequestsList()).containsExactly(0L, 4L);
    PressureReport.Pod pod = report.getPods(0);
    assertThat(pod.getStart()).isEqualTo(START);
    assertThat(pod.getPodName()).isEqualTo("orders-0");
    assertThat(pod.getRetransmits()).isEqualTo(2);
    assertThat(pod.getStalls(0).getSomeMicros()).isEqualTo(5);
    assertThat(after.getPodsList()).isEmpty();
  }

  @Test
  void aKernelThatDoesNotTellSocketsGroupsSaysNothingOfPods() throws Exception {
    source.counts = Optional.of(reading(9, Map.of()));
    watch.tell(new PressureWatch.Watch(START, "orders-0", group()));

    assertThat(next().getPods(0).hasRetransmits()).isFalse();

    source.counts = Optional.of(reading(0, Map.of()));
    assertThat(next().getPods(0).hasRetransmits()).isTrue();
  }

  @Test
  void aReadingThatFailsIsSaidAndTheNextOneKnowsThePods() throws Exception {
    watch.tell(new PressureWatch.Watch(START, "orders-0", group()));
    source.failing = true;

    time.timePasses(Duration.ofSeconds(1));

    Degraded trouble = said.receiveMessage().getDegraded();
    assertThat(trouble.getWhat()).isEqualTo("pressure");
    assertThat(trouble.getWhy()).isEqualTo("map retransmits cannot be read");
    assertThat(next().getPodsList()).hasSize(1);
  }

  @Test
  void itIsAnsweredWhenTheProgramsAreGone() {
    TestProbe<Done> done = kit.createTestProbe();

    watch.tell(new PressureWatch.Stop(done.ref()));
    done.receiveMessage();

    assertThat(source.closed).isTrue();
  }
}
