package dev.thaw.bpf;

import static dev.thaw.bpf.MarkKind.GRPC_SERVE;
import static dev.thaw.bpf.MarkKind.MAIN_MAIN;
import static dev.thaw.bpf.MarkKind.NET_HTTP_SERVE;
import static dev.thaw.bpf.MarkKind.RUNTIME_MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs of every Go that is promised, built here in each form that moves or hides functions. The
 * compilers come as toolchain modules; one that cannot be had fails its test.
 */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class GoVersionsIT {
  private static final long ME = ProcessHandle.current().pid();
  private static final Set<MarkKind> ALL = Set.of(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  private static final String STRIP = "-ldflags=-s -w";
  private static final String EXTERNAL = "-ldflags=-linkmode=external";
  private static final String STRIP_EXTERNAL = "-ldflags=-s -w -linkmode=external";
  private static final Map<String, String> CGO = Map.of("CGO_ENABLED", "1");
  private static final Map<String, String> ARM64 = Map.of("GOARCH", "arm64");

  /** Runs with each version of Go that is looked at; {@code local} is the one at hand. */
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @ValueSource(
      strings = {
        "go1.18.10",
        "go1.19.13",
        "go1.20.14",
        "go1.21.13",
        "go1.22.12",
        "go1.23.12",
        "go1.24.13",
        "go1.25.9",
        "local"
      })
  private @interface EveryGo {}

  @TempDir Path folder;

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
      Map<MarkKind, Long> wanted = bySymbols(full);

      assertThat(wanted.keySet()).isEqualTo(ALL);
      assertThat(GoBinary.read(full).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(stripped).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(withoutSections(full)).offsets()).as(mode).isEqualTo(wanted);
      assertThat(GoBinary.read(withoutSections(stripped)).offsets()).as(mode).isEqualTo(wanted);
    }
  }

  @EveryGo
  void netHttpsServeIsFoundToo(String go) throws Exception {
    String main =
        "package main\n\nimport \"net/http\"\n\nfunc main() { new(http.Server).Serve(nil) }\n";
    Map<String, String> by = Map.of("GOTOOLCHAIN", go, "CGO_ENABLED", "0");
    Path full = GoPrograms.buildSource(folder, "http", main, by);
    Path stripped = GoPrograms.buildSource(folder, "http-stripped", main, by, STRIP);

    Map<MarkKind, Long> wanted = bySymbols(full);

    assertThat(wanted.keySet()).contains(NET_HTTP_SERVE);
    assertThat(GoBinary.read(full).offsets()).isEqualTo(wanted);
    assertThat(GoBinary.read(stripped).offsets()).isEqualTo(wanted);
  }

  private Path build(String go, String name, Map<String, String> environment, String... flags)
      throws Exception {
    var all = new java.util.HashMap<>(environment);
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

  /** By Go's own tool, from a program that has its symbols. */
  private static Map<MarkKind, Long> bySymbols(Path program) throws Exception {
    String symbols =
        GoPrograms.run("marks", Map.of(), List.of("go", "tool", "nm", program.toString()));
    ElfFile elf = ElfFile.parse(FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(program))));
    var offsets = new EnumMap<MarkKind, Long>(MarkKind.class);
    symbols
        .lines()
        .map(line -> line.strip().split("\\s+", 3))
        .forEach(
            symbol -> {
              for (MarkKind kind : MarkKind.values()) {
                if (symbol.length == 3 && symbol[2].equals(kind.symbol())) {
                  long address = Long.parseLong(symbol[0], 16);
                  offsets.put(kind, elf.fileOffset(address).orElseThrow());
                }
              }
            });
    return offsets;
  }

  /** Runs each program under watch; the names of those that were not hit by every mark, once. */
  private Map<String, String> missed(Map<String, Path> programs) throws Exception {
    var missed = new LinkedHashMap<String, String>();
    var pins = new Pins(Path.of("/sys/fs/bpf/thaw-test-versions-" + ME));
    var cgroup = Cgroup.of(CgroupLayout.detect(), "thaw-test-versions-" + ME).create();
    try (var watch = StartupWatch.open(pins)) {
      watch.watch(cgroup.unifiedId(), cgroup.v1Id());
      for (var program : programs.entrySet()) {
        ImageMarks marks = watch.attachMarks(program.getValue());
        Set<MarkKind> hit = run(watch, cgroup, program.getValue());
        if (!marks.attached().equals(ALL) || !hit.equals(ALL)) {
          missed.put(program.getKey(), marks + ", hit " + hit);
        }
      }
    } finally {
      pins.removeAll();
      cgroup.delete();
    }
    return missed;
  }

  private Set<MarkKind> run(StartupWatch watch, Cgroup cgroup, Path program) throws Exception {
    Path log = Files.createTempFile(folder, "out", ".log");
    Process process =
        Spawner.start(
            new Spawner.Command(
                List.of(program.toString()), Map.of(), folder, log, Optional.of(cgroup)));
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
    var hit = new TreeSet<MarkKind>();
    while (watch.read(
            Duration.ZERO,
            event -> {
              if (event instanceof KernelEvent.Mark mark) {
                hit.add(mark.kind());
              }
            })
        > 0) {
      continue;
    }
    return hit;
  }
}
