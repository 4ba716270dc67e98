package dev.thaw.bpf;

import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The look for a Go program's marks before its first start: the demo's stripped service, found by
 * its line table. The file is in the page cache.
 */
@State(Scope.Benchmark)
public class GoBinarySpeed {
  private final Path program =
      Path.of(System.getProperty("thaw.home", ""), "deploy/demo/bin/order-svc").toAbsolutePath();

  @Setup
  public void check() {
    if (!Files.exists(program)) {
      throw new IllegalStateException(program + " is not built: make programs");
    }
  }

  @Benchmark
  public GoBinary read() {
    return GoBinary.read(program);
  }
}
