package dev.thaw.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds the Go programs of {@code src/test/go}. */
final class GoPrograms {
  static final String STRIP = "-ldflags=-s -w";
  private static final Path SOURCES = Path.of("src/test/go");

  private GoPrograms() {}

  /** The program {@code marks} by the Go at hand, without cgo. */
  static Path build(Path folder, String name, String... flags)
      throws IOException, InterruptedException {
    return build(folder, name, Map.of(), flags);
  }

  static Path build(Path folder, String name, Map<String, String> environment, String... flags)
      throws IOException, InterruptedException {
    var all = new HashMap<>(Map.of("CGO_ENABLED", "0"));
    all.putAll(environment);
    return build("marks", folder, name, all, flags);
  }

  /** Builds a program of one file that needs nothing but the standard library. */
  static Path buildSource(
      Path folder, String name, String main, Map<String, String> environment, String... flags)
      throws IOException, InterruptedException {
    Path source = Files.createDirectories(folder.resolve("go-" + name));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), main);
    return build(source.toAbsolutePath().toString(), folder, name, environment, flags);
  }

  /** The program in this folder, below those of {@code src/test/go} unless it is absolute. */
  static Path build(
      String source, Path folder, String name, Map<String, String> environment, String... flags)
      throws IOException, InterruptedException {
    Path program = folder.resolve(name);
    var words = new ArrayList<>(List.of("go", "build", "-o", program.toString()));
    words.addAll(List.of(flags));
    words.addAll(files(source)); // the toolchain module of Go 1.19 builds no folder
    run(source, environment, words);
    return program;
  }

  private static List<String> files(String source) throws IOException {
    try (var files = Files.list(SOURCES.resolve(source))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".go"))
          .sorted()
          .toList();
    }
  }

  /** Where the marked functions are by Go's own tool, in a program that has its symbols. */
  static Map<MarkKind, Long> marksBySymbols(Path program) throws IOException, InterruptedException {
    String symbols = run("marks", Map.of(), List.of("go", "tool", "nm", program.toString()));
    ElfFile elf = ElfFile.parse(FileBytes.of(ByteBuffer.wrap(Files.readAllBytes(program))));
    var offsets = new EnumMap<MarkKind, Long>(MarkKind.class);
    for (String line : symbols.lines().toList()) {
      String[] symbol = line.strip().split("\\s+", 3);
      for (MarkKind kind : MarkKind.values()) {
        if (symbol.length == 3 && symbol[2].equals(kind.symbol())) {
          offsets.put(kind, elf.fileOffset(Long.parseLong(symbol[0], 16)).orElseThrow());
        }
      }
    }
    return offsets;
  }

  /** Runs a command in the folder of a program's source; what it said. */
  static String run(String source, Map<String, String> environment, List<String> words)
      throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(words)
            .directory(SOURCES.resolve(source).toFile())
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder
        .environment()
        .computeIfAbsent("HOME", unset -> Path.of("target").toAbsolutePath().toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", words) + ": " + said);
    }
    return said;
  }
}
