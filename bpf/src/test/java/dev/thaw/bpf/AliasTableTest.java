package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AliasTableTest {

  @Property
  void everyWeightGetsItsShareToWithinTheCoinsGrain(
      @ForAll @Size(min = 1, max = 256) List<@IntRange(min = 1, max = 10_000) Integer> weights) {
    int n = weights.size();
    var table = new AliasTable(weights.stream().mapToInt(Integer::intValue).toArray());
    double sum = weights.stream().mapToInt(Integer::intValue).sum();

    var share = new double[n];
    for (int i = 0; i < n; i++) {
      double own = (Integer.toUnsignedLong(table.threshold(i)) + 1) / 4294967296.0;
      share[i] += own / n;
      share[table.alias(i)] += (1 - own) / n;
    }

    for (int i = 0; i < n; i++) {
      assertThat(share[i]).isCloseTo(weights.get(i) / sum, within(1e-6));
    }
  }
}
