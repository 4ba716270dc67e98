package dev.thaw.app.demo;

import dev.thaw.bpf.os.CgroupLayout;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Thaw leaves behind for its next run and a demo must not: empty parent folders, and a BPF
 * file system that nobody had mounted before.
 *
 * @param folders that were not there before, innermost first
 * @param mount whether the BPF file system was not mounted before
 */
record Leftovers(List<Path> folders, boolean mount) {
  private static final Path BPF = Path.of("/sys/fs/bpf");

  /** To be asked before anything of the demo runs. */
  static Leftovers before() throws IOException {
    var parents = new ArrayList<>(List.of(BPF));
    CgroupLayout cgroups = CgroupLayout.detect();
    cgroups.unified().ifPresent(parents::add);
    cgroups.v1Cpu().ifPresent(parents::add);
    List<Path> absent =
        parents.stream()
            .map(parent -> parent.resolve("thaw"))
            .flatMap(thaw -> Stream.of(thaw.resolve(Policies.NAME), thaw))
            .filter(folder -> !Files.exists(folder))
            .toList();
    return new Leftovers(absent, !mounted());
  }

  private static boolean mounted() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .anyMatch(line -> line.contains(" " + BPF + " ") && line.contains(" - bpf "));
  }

  /** Removes what is empty; what somebody else has begun to use meanwhile stays. */
  void remove() throws IOException, InterruptedException {
    for (Path folder : folders) {
      try {
        Files.deleteIfExists(folder);
      } catch (FileSystemException e) {
        continue; // not empty: another run's
      }
    }
    if (mount && mounted()) {
      new ProcessBuilder(List.of("umount", BPF.toString())).start().waitFor();
    }
  }
}
