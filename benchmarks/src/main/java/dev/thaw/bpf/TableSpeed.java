package dev.thaw.bpf;

import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The alias table of one service, made for every change of a weight. */
@State(Scope.Benchmark)
public class TableSpeed {
  @Param({"4", "256"})
  int backends;

  private int[] weights = {};

  /** One that climbs among many that are full. */
  @Setup
  public void weights() {
    weights = new int[backends];
    Arrays.fill(weights, 100);
    weights[0] = 5;
  }

  @Benchmark
  public Object alias() {
    return new AliasTable(weights);
  }
}
