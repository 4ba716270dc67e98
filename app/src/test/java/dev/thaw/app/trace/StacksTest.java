package dev.thaw.app.trace;

import static dev.thaw.app.trace.Starts.MS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StacksTest {

  @ParameterizedTest
  @CsvSource({
    "init of main, runtime.main runtime.doInit1 main.init main.buildTable",
    "init of net/http, runtime.main runtime.doInit1 net/http.init.0 net/http.f",
    "init of golang.org/x/net/http2, runtime.main runtime.doInit runtime.doInit golang.org/x/net/http2.init",
    "Go heap (mallocinit), runtime.rt0_go runtime.schedinit runtime.mallocinit",
    "Go scheduler init (schedinit), runtime.rt0_go runtime.schedinit runtime.parsedebugvars",
    "Go collector on (gcenable), runtime.main runtime.gcenable runtime.newproc",
    "Go garbage collector, runtime.gcBgMarkWorker runtime.systemstack runtime.gcDrain",
    "main.main, runtime.main main.main net.Listen",
    "TLS handshake, runtime.goexit net/http.(*conn).serve crypto/tls.(*Conn).HandshakeContext crypto/rsa.sign",
    "serving requests, runtime.goexit net/http.(*conn).serve main.order",
    "serving requests, runtime.goexit google.golang.org/grpc.(*Server).serveStreams.func2",
    "goroutine main.worker, runtime.goexit main.worker main.step",
    "Go scheduler, runtime.mcall runtime.park_m runtime.findRunnable",
    "exec and dynamic linking, _dl_start dl_main",
    "main, _start __libc_start_main main work",
    "kernel, [kernel]",
    "unnamed code, [libfoo.so] [libfoo.so]"
  })
  void aStackBelongsToThePhaseThatItsFunctionsTell(String phase, String stack) {
    assertThat(Phases.of(List.of(stack.split(" ")), false)).isEqualTo(phase);
  }

  @Test
  void whateverRanBeforeTheFirstInstructionWasLoading() {
    assertThat(Phases.of(List.of("anything"), true)).isEqualTo("exec and dynamic linking");
  }

  @Test
  void processorTimeIsLaidOutByTimeAndPhase() {
    Start start = new Starts().sample(1, "a").sample(2, "a").sample(2, "b").sample(99, "b").build();

    Heat heat =
        Heat.of(start.samples(), s -> start.stacks().get(s.stack()).get(0), MS, 100 * MS, 100 * MS);

    assertThat(heat.columnNanos()).isEqualTo(MS);
    assertThat(heat.columns()).isEqualTo(100);
    assertThat(heat.rows()).containsExactly("a", "b");
    assertThat(heat.cells())
        .containsExactly(
            new Heat.Cell(1, 0, 1),
            new Heat.Cell(2, 0, 1),
            new Heat.Cell(2, 1, 1),
            new Heat.Cell(99, 1, 1));
  }

  @Test
  void rareKindsShareARowAndNoTimeIsLost() {
    var starts = new Starts();
    for (int kind = 0; kind < 40; kind++) {
      for (int n = 0; n <= kind; n++) {
        starts.sample(n, "kind" + kind);
      }
    }
    Start start = starts.build();

    Heat heat =
        Heat.of(start.samples(), s -> start.stacks().get(s.stack()).get(0), MS, 50 * MS, 50 * MS);

    assertThat(heat.rows()).hasSize(24).endsWith(Heat.OTHER).contains("kind39");
    assertThat(heat.cells().stream().mapToDouble(Heat.Cell::millis).sum())
        .isEqualTo(start.samples().size());
  }

  @Test
  void aFlamesWidthsAreSamplesAndItsOrderIsTime() {
    Start start =
        new Starts()
            .sample(1, "b", "x")
            .sample(2, "a")
            .sample(3, "b", "y")
            .sample(4, "b", "x")
            .build();

    var boxes = Flame.of(start.samples(), start.stacks(), sample -> "phase").boxes(1);

    assertThat(boxes)
        .containsExactly(
            new Flame.Box("all", 0, 0, 4),
            new Flame.Box("phase", 1, 0, 4),
            new Flame.Box("b", 2, 0, 3),
            new Flame.Box("x", 3, 0, 2),
            new Flame.Box("y", 3, 2, 1),
            new Flame.Box("a", 2, 3, 1));
  }

  @Test
  void speedscopeGetsEveryStackOnceAndEachSampleItsTime() {
    Start start = new Starts().sample(1, "a", "b").sample(2, "a", "b").sample(3, "a").build();

    Map<String, Object> file = Speedscope.of(start, "server", MS);

    assertThat(file.get("shared"))
        .isEqualTo(Map.of("frames", List.of(Map.of("name", "a"), Map.of("name", "b"))));
    assertThat((List<?>) file.get("profiles"))
        .singleElement()
        .satisfies(
            profile -> {
              var fields = (Map<?, ?>) profile;
              assertThat(fields.get("samples"))
                  .isEqualTo(List.of(List.of(0, 1), List.of(0, 1), List.of(0)));
              assertThat(fields.get("weights")).isEqualTo(List.of(MS, MS, MS));
              assertThat(fields.get("endValue")).isEqualTo(3 * MS);
            });
  }
}
