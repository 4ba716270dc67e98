package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PodUid;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PodMapTest {

  /** A step changes a pod's value (or adds it), and each fifth takes the pod away. */
  @Property(tries = 200)
  void itIsAMapInTheOrderOfArrivalAndEarlierOnesStayAsTheyWere(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 80) Integer> steps) {
    PodMap<Integer> map = PodMap.empty();
    var model = new LinkedHashMap<PodUid, Integer>();
    var maps = new ArrayList<PodMap<Integer>>();
    var models = new ArrayList<Map<PodUid, Integer>>();
    for (int i = 0; i < steps.size(); i++) {
      PodUid pod = pod(steps.get(i));
      if (i % 5 == 4) {
        map = map.without(pod);
        model.remove(pod);
      } else {
        map = map.with(pod, i);
        model.put(pod, i);
      }
      maps.add(map);
      models.add(new LinkedHashMap<>(model));
    }

    for (int i = 0; i < maps.size(); i++) {
      assertThat(maps.get(i)).isEqualTo(models.get(i));
      assertThat(maps.get(i).keySet()).containsExactlyElementsOf(models.get(i).keySet());
      assertThat(maps.get(i).values()).containsExactlyElementsOf(models.get(i).values());
    }
  }

  @Test
  void changingEachKeepsTheOneBefore() {
    PodMap<Integer> before = PodMap.<Integer>empty().with(pod(1), 1).with(pod(2), 2);

    PodMap<Integer> after = before.each((pod, value) -> pod.equals(pod(1)) ? value : value * 10);

    assertThat(after.values()).containsExactly(1, 20);
    assertThat(before.values()).containsExactly(1, 2);
  }

  @Test
  void twoMapsAreTheSameBySightWhenWhatTheyShowIs() {
    PodMap<Integer> one = PodMap.<Integer>empty().with(pod(1), 1).with(pod(2), 0);

    assertThat(one.sameBy(PodMapTest::positive, one.with(pod(2), -1))).isTrue();
    assertThat(one.sameBy(PodMapTest::positive, one.with(pod(2), 2))).isFalse();
    assertThat(one.sameBy(PodMapTest::positive, one.with(pod(3), 0))).isTrue();
    assertThat(one.sameBy(PodMapTest::positive, one.without(pod(2)))).isTrue();
    assertThat(one.sameBy(PodMapTest::positive, one.without(pod(1)))).isFalse();
  }

  private static Optional<Integer> positive(int value) {
    return value > 0 ? Optional.of(value) : Optional.empty();
  }

  private static PodUid pod(int number) {
    return new PodUid("pod-" + number);
  }
}
