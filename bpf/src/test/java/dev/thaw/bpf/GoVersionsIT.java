package dev.thaw.bpf;

import static dev.thaw.bpf.GoPrograms.STRIP;
import static dev.thaw.bpf.GoPrograms.marksBySymbols;
import static dev.thaw.bpf.MarkKind.GRPC_SERVE;
import static dev.thaw.bpf.MarkKind.MAIN_MAIN;
import static dev.thaw.bpf.MarkKind.RUNTIME_MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Small programs of every Go that is promised, built here in each form that moves or hides
 * functions. For speed their gRPC library is a stand-in of one function: the real one would be
 * compiled anew for most of the forms, half a minute each. {@link GoServersIT} has the real one.
 */
class GoVersionsIT extends WithWatch {
  private static final List<MarkKind> ALL = List.of(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  private static final String EXTERNAL = "-ldflags=-linkmode=external";
  private static final String STRIP_EXTERNAL = "-ldflags=-s -w -linkmode=external";
  private static final Map<String, String> CGO = Map.of("CGO_ENABLED", "1");
  private static final Map<String, String> ARM64 = Map.of("GOARCH", "arm64");

  @EveryGo
  void marksAreHitInEveryFormOfProgram(String go) throws Exception {
    Map<String, Path> programs = new LinkedHashMap<>();
    programs.put("plain", build(go, "plain", Map.of()));
    programs.put("stripped", build(go, "stripped", Map.of(), "-trimpath", STRIP));
    programs.put("pie", build(go, "pie", Map.of(), "-buildmode=pie"));
    programs.put("stripped-pie", build(go, "stripped-pie", Map.of(), "-buildmode=pie", STRIP));
    programs.put("cgo", build(go, "cgo", CGO, EXTERNAL));
    programs.put("stripped-cgo", build(go, "stripped-cgo", CGO, STRIP_EXTERNAL));
    programs.put(
        "stripped-cgo-pie", build(go, "stripped-cgo-pie", CGO, "-buildmode=pie", STRIP_EXTERNAL));
    for (var program : Map.copyOf(programs).entrySet()) {
      programs.put(program.getKey() + " without sections", withoutSections(program.getValue()));
    }

    assertThat(missed(programs)).isEmpty();
  }

  @EveryGo
  void offsetsOfArm64ProgramsAreThoseOfTheirSymbols(String go) throws Exception {
    for (String mode : List.of("exe", "pie")) {
      Path full = build(go, "arm64-" + mode, ARM64, "-buildmode=" + mode);
      Path stripped = build(go, "arm64-stripped-" + mode, ARM64, "-buildmode=" + mode, STRIP);
      Map<MarkKind, Long> wanted = marksBySymbols(full);

      assertThat(wanted).containsOnlyKeys(ALL);
      assertThat(GoBinary.read(full).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(stripped).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(withoutSections(full)).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(withoutSections(stripped)).offsets()).as(mode).isEqualTo(wanted);
    }
  }

  private Path build(String go, String name, Map<String, String> environment, String... flags)
      throws Exception {
    var all = new HashMap<>(environment);
    all.put("GOTOOLCHAIN", go);
    return GoPrograms.build(folder, name, all, flags);
  }

  /** As a packer leaves it: where the section headers are is forgotten. */
  private static Path withoutSections(Path program) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(program)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(40, 0).putShort(60, (short) 0).putShort(62, (short) 0);
    Path copy = program.resolveSibling(program.getFileName() + "-without-sections");
    Files.write(copy, bytes.array());
    copy.toFile().setExecutable(true);
    return copy;
  }

  /**
   * Runs each program under watch; those that did not enter every marked function, once, in order.
   */
  private Map<String, String> missed(Map<String, Path> programs) throws Exception {
    var missed = new LinkedHashMap<String, String>();
    for (var program : programs.entrySet()) {
      ImageMarks marks = watch.attachMarks(program.getValue());
      List<MarkKind> hit = marksHitBy(program.getValue());
      if (!marks.attached().equals(Set.copyOf(ALL)) || !hit.equals(ALL)) {
        missed.put(program.getKey(), marks + ", hit " + hit);
      }
    }
    return missed;
  }
}
