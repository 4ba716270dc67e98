package dev.thaw.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What stood in a folder before we came, so that who is refused leaves no trace, and takes nothing
 * that is another's. Blocking.
 */
final class Footprint {
  private final Path folder;
  private final Set<Path> before;
  private final Set<PosixFilePermission> mode;
  private final List<Path> missing;

  private Footprint(
      Path folder, Set<Path> before, Set<PosixFilePermission> mode, List<Path> missing) {
    this.folder = folder;
    this.before = before;
    this.mode = mode;
    this.missing = missing;
  }

  /** Of a folder that may not be there, nor those above it. */
  static Footprint before(Path folder) throws IOException {
    if (Files.exists(folder)) {
      return new Footprint(
          folder, entries(folder), Files.getPosixFilePermissions(folder), List.of());
    }
    var missing = new ArrayList<Path>();
    for (Path up = folder; up != null && Files.notExists(up); up = up.getParent()) {
      missing.add(up);
    }
    return new Footprint(folder, Set.of(), Set.of(), missing);
  }

  /**
   * Removes what has come since, and folders as far as nobody else uses them.
   *
   * @param ours the names of what we make in the folder itself
   * @throws UncheckedIOException when something of it stays
   */
  void remove(Predicate<String> ours) {
    try {
      for (Path path : entries(folder)) {
        if (!before.contains(path) && ours.test(path.getFileName().toString())) {
          FileTree.delete(path);
        }
      }
      if (missing.isEmpty()) {
        Files.setPosixFilePermissions(folder, mode);
      }
      deleteMade();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteMade() throws IOException {
    try {
      for (Path made : missing) {
        Files.deleteIfExists(made);
      }
    } catch (DirectoryNotEmptyException e) {
      return; // another run has begun beside ours
    }
  }

  private static Set<Path> entries(Path folder) throws IOException {
    try (Stream<Path> there = Files.list(folder)) {
      return there.collect(Collectors.toSet());
    }
  }
}
