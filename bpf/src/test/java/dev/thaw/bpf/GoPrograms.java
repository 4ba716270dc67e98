package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Builds small Go programs for tests, with the Go at hand. */
final class GoPrograms {
  private GoPrograms() {}

  static Path build(Path folder, String name, String... flags)
      throws IOException, InterruptedException {
    return build(folder, name, Map.of(), flags);
  }

  static Path build(Path folder, String name, Map<String, String> environment, String... flags)
      throws IOException, InterruptedException {
    return buildSource(
        folder,
        name,
        "package main\n\nimport \"os\"\n\nfunc main() {\n\tif len(os.Args) > 1 {\n\t\tos.Exit(1)\n\t}\n}\n",
        environment,
        flags);
  }

  /** Builds a program of one file that needs nothing but the standard library. */
  static Path buildSource(
      Path folder, String name, String main, Map<String, String> environment, String... flags)
      throws IOException, InterruptedException {
    Path source = Files.createDirectories(folder.resolve("go-" + name));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), main);
    Path program = folder.resolve(name);
    var words = new ArrayList<>(List.of("go", "build", "-o", program.toString()));
    words.addAll(List.of(flags));
    words.add(".");
    var builder = new ProcessBuilder(words).directory(source.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().putIfAbsent("HOME", folder.toString());
    Process go = builder.start();
    String said = new String(go.getInputStream().readAllBytes());
    if (go.waitFor() != 0) {
      throw new IOException("go build: " + said);
    }
    return program;
  }
}
