package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.Symboliser;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.OptionalInt;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class KernelEventsTest {
  private static final int PID = 40;
  private static final int OTHER = 41;
  private static final long ZERO = 1_000 * MS;

  @Test
  void theAskedPortsListenerCountsAndOthersKeepTheirPorts() {
    KernelEvents told = told(OptionalInt.of(8081));

    told.add(exec(0, PID));
    told.add(listen(20, 8080));
    told.add(listen(30, 8081));

    assertThat(told.steps())
        .extracting(Start.Step::name, Start.Step::at)
        .containsExactly(
            Tuple.tuple(Start.EXEC, 0L),
            Tuple.tuple("listen on 8080", 20 * MS),
            Tuple.tuple(Start.LISTEN, 30 * MS));
  }

  @Test
  void withoutAPortTheFirstListenerCounts() {
    KernelEvents told = told(OptionalInt.empty());

    told.add(listen(20, 8080));
    told.add(listen(30, 8081));

    assertThat(told.steps())
        .extracting(Start.Step::name)
        .containsExactly(Start.LISTEN, "listen on 8081");
  }

  @Test
  void whatCameBeforeTheExecIsNotOfTheStart() {
    KernelEvents told = told(OptionalInt.empty());

    told.add(listen(-5, 8080));

    assertThat(told.steps()).isEmpty();
  }

  @Test
  void theThreadThatEntersRuntimeMainIsTheMainOne() {
    KernelEvents told = told(OptionalInt.empty());

    told.add(exec(0, PID));
    assertThat(told.mainThread()).isEqualTo(PID);
    told.add(step(2, OTHER, "runtime.main", 0));

    assertThat(told.mainThread()).isEqualTo(OTHER);
  }

  @Test
  void aPackageIsInitialisedOnceHoweverOftenItIsAskedFor() {
    KernelEvents told = told(OptionalInt.empty());

    told.add(step(3, PID, "runtime.doInit1", 0x1000));
    told.add(step(4, PID, "runtime.doInit1", 0x2000));
    told.add(step(5, PID, "runtime.doInit1", 0x1000));

    assertThat(told.initialisers())
        .extracting(PackageInits.Entry::at)
        .containsExactly(3 * MS, 4 * MS);
    assertThat(told.steps()).isEmpty();
  }

  @Test
  void timeAsleepAndTimeWithoutAProcessorArePartedAtTheWakeUp() {
    KernelEvents told = told(OptionalInt.empty());

    told.add(off(20, 5, 12));
    told.add(listen(30, 8080));
    told.add(off(60, 40, 50)); // serving: sleeping is its work

    assertThat(told.sleeps())
        .extracting(Start.Sleep::from, Start.Sleep::to)
        .containsExactly(Tuple.tuple(5 * MS, 12 * MS));
    assertThat(told.waits())
        .extracting(Start.Wait::from, Start.Wait::to)
        .containsExactly(Tuple.tuple(12 * MS, 20 * MS), Tuple.tuple(50 * MS, 60 * MS));
  }

  private static KernelEvents told(OptionalInt port) {
    return new KernelEvents(new Symboliser(), Map.of(), port, ZERO);
  }

  private static Sight.Seen exec(long at, int tid) {
    return new Sight.Seen(new ProfileEvent.Exec(ZERO + at * MS, PID, tid, "/bin/x"), -1);
  }

  private static Sight.Seen listen(long at, int port) {
    return new Sight.Seen(
        new ProfileEvent.Listen(ZERO + at * MS, PID, PID, new InetSocketAddress("127.0.0.1", port)),
        -1);
  }

  private static Sight.Seen step(long at, int tid, String name, long argument) {
    return new Sight.Seen(
        new ProfileEvent.Step(ZERO + at * MS, PID, tid, name, argument, 0x400000), -1);
  }

  private static Sight.Seen off(long at, long since, long ready) {
    return new Sight.Seen(
        new ProfileEvent.OffCpu(
            ZERO + at * MS, PID, PID, ZERO + since * MS, ZERO + ready * MS, new long[0]),
        -1);
  }
}
