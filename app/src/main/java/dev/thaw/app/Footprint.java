package dev.thaw.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What stood in a folder before we came, so that who is refused leaves no trace. Blocking. */
final class Footprint {
  private final Path folder;
  private final Set<Path> before;
  private final Set<PosixFilePermission> mode;
  private final @Nullable Path firstMissing;

  private Footprint(
      Path folder, Set<Path> before, Set<PosixFilePermission> mode, @Nullable Path firstMissing) {
    this.folder = folder;
    this.before = before;
    this.mode = mode;
    this.firstMissing = firstMissing;
  }

  /** Of a folder that may not be there, nor those above it. */
  static Footprint before(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> there = Files.list(folder)) {
        return new Footprint(
            folder, there.collect(Collectors.toSet()), Files.getPosixFilePermissions(folder), null);
      }
    }
    Path missing = folder;
    for (Path up = folder.getParent(); up != null && Files.notExists(up); up = up.getParent()) {
      missing = up;
    }
    return new Footprint(folder, Set.of(), Set.of(), missing);
  }

  /**
   * Removes what has come since.
   *
   * @throws UncheckedIOException when something of it stays
   */
  void remove() {
    try {
      if (firstMissing != null) {
        removeTree(firstMissing);
        return;
      }
      try (Stream<Path> there = Files.list(folder)) {
        there.filter(path -> !before.contains(path)).forEach(Footprint::removeTree);
      }
      Files.setPosixFilePermissions(folder, mode);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeTree(Path root) {
    try (Stream<Path> tree = Files.walk(root)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
