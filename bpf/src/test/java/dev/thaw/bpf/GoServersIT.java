package dev.thaw.bpf;

import static dev.thaw.bpf.MarkKind.GRPC_SERVE;
import static dev.thaw.bpf.MarkKind.MAIN_MAIN;
import static dev.thaw.bpf.MarkKind.NET_HTTP_SERVE;
import static dev.thaw.bpf.MarkKind.RUNTIME_MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Servers by net/http and by the real gRPC library, built here by every Go that is promised, with a
 * release of the library that this Go builds: {@code src/test/go/servers} has a {@code go*.mod} for
 * each, and nothing is resolved anew.
 */
class GoServersIT extends WithWatch {
  private static final Map<String, String> NATIVE = Map.of("CGO_ENABLED", "0");
  private static final Map<String, String> ARM64 = Map.of("CGO_ENABLED", "0", "GOARCH", "arm64");

  @EveryGo
  void aStrippedServerIsSeenToServeByEachOfItsServers(String go) throws Exception {
    assertIsSeenToServe(strippedAndSure(go, NATIVE, "-buildmode=exe"));
  }

  @EveryGo
  void offsetsInStrippedArm64ServersAreThoseOfTheSymbols(String go) throws Exception {
    strippedAndSure(go, ARM64, "-buildmode=exe");
  }

  @Test
  void aPositionIndependentServerIsSeenToServeByEachOfItsServers() throws Exception {
    assertIsSeenToServe(strippedAndSure("local", NATIVE, "-buildmode=pie"));
  }

  /** The stripped program, in which every function was found where the symbols say. */
  private Path strippedAndSure(String go, Map<String, String> target, String mode)
      throws Exception {
    Path full = build(go, "full", target, mode);
    Path stripped = build(go, "stripped", target, mode, GoPrograms.STRIP);

    Map<MarkKind, Long> wanted = GoPrograms.marksBySymbols(full);

    assertThat(wanted).containsOnlyKeys(MarkKind.values());
    assertThat(GoBinary.read(full).offsets()).isEqualTo(wanted);
    assertThat(GoBinary.read(stripped).offsets()).isEqualTo(wanted);
    return stripped;
  }

  private void assertIsSeenToServe(Path program) throws Exception {
    assertThat(watch.attachMarks(program).attached()).containsOnly(MarkKind.values());
    assertThat(marksHitBy(program))
        .containsExactly(RUNTIME_MAIN, MAIN_MAIN, NET_HTTP_SERVE, GRPC_SERVE);
  }

  private Path build(String go, String name, Map<String, String> target, String... flags)
      throws Exception {
    var environment = new HashMap<>(target);
    environment.put("GOTOOLCHAIN", go);
    var all = new ArrayList<>(List.of("-mod=readonly", "-modfile=" + modules(go)));
    all.addAll(List.of(flags));
    return GoPrograms.build("servers", folder, name, environment, all.toArray(String[]::new));
  }

  /** Go 1.18 to 1.20 build the same release. */
  private static String modules(String go) {
    if (go.equals("local")) {
      return "go.mod";
    }
    String minor = go.substring(0, go.lastIndexOf('.'));
    return List.of("go1.19", "go1.20").contains(minor) ? "go1.18.mod" : minor + ".mod";
  }
}
