package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which process keeps a BPF program loaded: the kernel tells by the descriptors of programs and
 * links. A program that is only pinned, or was attached and left, has nobody.
 */
final class Holders {
  private static final Path PROC = Path.of("/proc");

  private Holders() {}

  /** Such as {@code process 812 (cilium-agent)}; processes we may not look at are passed over. */
  static Optional<String> of(int program) {
    try (Stream<Path> processes = Files.list(PROC)) {
      return processes
          .filter(process -> PROC.relativize(process).toString().matches("\\d+"))
          .filter(process -> holds(process, "prog_id:\t" + program))
          .findFirst()
          .map(process -> "process " + PROC.relativize(process) + " (" + command(process) + ")");
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean holds(Path process, String line) {
    Path folder = process.resolve("fd");
    try (Stream<Path> descriptors = Files.list(folder)) {
      return descriptors
          .filter(Holders::isBpf)
          .map(descriptor -> process.resolve("fdinfo").resolve(folder.relativize(descriptor)))
          .anyMatch(info -> says(info, line));
    } catch (IOException e) {
      return false; // gone, or not ours to look at
    }
  }

  private static boolean isBpf(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.contains("bpf-prog") || target.contains("bpf_link");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean says(Path info, String line) {
    try {
      return Files.readAllLines(info).contains(line);
    } catch (IOException e) {
      return false;
    }
  }

  private static String command(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException e) {
      return "gone";
    }
  }
}
