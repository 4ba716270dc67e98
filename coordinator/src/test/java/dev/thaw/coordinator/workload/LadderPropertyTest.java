package dev.thaw.coordinator.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.coordinator.Policies;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

/** What holds for every ladder a policy can describe. */
class LadderPropertyTest {

  @Property(tries = 60)
  void aHealthyBirthTakesEachRungInOrderAndNoSoonerThanItsHolds(@ForAll("births") Birth birth) {
    var rig = new Rig(Policies.climbing(birth)).full("orders-0").join("orders-1");
    rig.rate("orders-1", 5_000).serve("orders-1");
    long began = rig.nanos();

    var entered = new ArrayList<Integer>();
    while (rig.nanos() - began < Duration.ofMinutes(5).toNanos()) {
      if (rig.weight("orders-1") > 0
          && (entered.isEmpty() || entered.get(entered.size() - 1) != rig.weight("orders-1"))) {
        entered.add(rig.weight("orders-1"));
        assertThat(rig.nanos() - began).isGreaterThanOrEqualTo(soonest(birth, entered.size()));
      }
      rig.pass(Duration.ofMillis(100));
    }

    assertThat(entered)
        .containsExactlyElementsOf(birth.ladder().stream().map(Rung::weight).toList());
  }

  @Property(tries = 40)
  void aReplayGivesTheSameState(
      @ForAll("births") Birth birth, @ForAll @DoubleRange(max = 0.4) double errors) {
    var rig = new Rig(Policies.climbing(birth)).full("orders-0").join("orders-1");
    rig.errors("orders-1", errors).serve("orders-1").pass(Duration.ofSeconds(90));

    var replayed = Workload.empty(rig.state().name()).applyAll(rig.journal());

    assertThat(replayed).isEqualTo(rig.state());
  }

  @Property(tries = 40)
  void aPodThatFailsEverythingIsNeverGivenMoreThanItHad(@ForAll("births") Birth birth) {
    var rig = new Rig(Policies.climbing(birth)).full("orders-0").join("orders-1");
    rig.rate("orders-1", 5_000).errors("orders-1", 1).serve("orders-1");

    rig.pass(Duration.ofMinutes(5));

    assertThat(
            rig.events(WorkloadEvent.RungEntered.class).stream()
                .filter(entered -> entered.pods().contains(Rig.uid("orders-1")))
                .map(WorkloadEvent.RungEntered::rung))
        .containsOnly(1);
  }

  private static long soonest(Birth birth, int rung) {
    long holds = birth.ladder().stream().limit(rung - 1L).mapToLong(r -> r.hold().toNanos()).sum();
    boolean last = rung == birth.ladder().size() && rung > 1;
    return last ? Math.max(holds, birth.floor().toNanos()) : holds;
  }

  @Provide
  Arbitrary<Birth> births() {
    Arbitrary<List<Integer>> weights =
        Arbitraries.integers()
            .between(1, 99)
            .set()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(set -> new TreeSet<>(set).stream().toList());
    Arbitrary<Integer> holds = Arbitraries.integers().between(1, 4_000);
    return Combinators.combine(
            weights,
            holds.list().ofSize(5),
            Arbitraries.integers().between(0, 20),
            Arbitraries.integers().between(300, 2_000))
        .as(LadderPropertyTest::birth);
  }

  private static Birth birth(
      List<Integer> weights, List<Integer> holds, int floor, int intervalMillis) {
    var ladder = new ArrayList<Rung>();
    for (int i = 0; i < weights.size(); i++) {
      ladder.add(new Rung(weights.get(i), Duration.ofMillis(holds.get(i)), 1, Policies.RELATIVE));
    }
    ladder.add(new Rung(100, Duration.ofMillis(holds.get(4)), 0, Policies.RELATIVE));
    return new Birth(
        "any",
        Duration.ofSeconds(floor),
        Optional.of(Duration.ofSeconds(120)),
        3,
        List.of(Duration.ofSeconds(2)),
        new GateDefaults(Duration.ofMillis(intervalMillis), Duration.ZERO),
        ladder.stream().collect(Collectors.toUnmodifiableList()));
  }
}
