package dev.thaw.bpf;

import dev.thaw.bpf.os.FileSystemType;
import dev.thaw.bpf.os.LibC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * The folder in a BPF file system where maps and links outlive their agent, such as {@code
 * /sys/fs/bpf/thaw/orders}.
 */
public record Pins(Path folder) {
  /** Where a BPF file system belongs. */
  static final Path FILE_SYSTEM = Path.of("/sys/fs/bpf");

  Path path(String name) {
    return folder.resolve(name);
  }

  /** Whether anything is pinned here. */
  public boolean exist() {
    return !list().isEmpty();
  }

  /** Of everything pinned here. */
  List<String> names() {
    return list().stream().map(pin -> pin.getFileName().toString()).toList();
  }

  void remove(String name) {
    try {
      Files.deleteIfExists(path(name));
    } catch (IOException e) {
      throw new BpfException("cannot remove " + path(name) + ": " + e.getMessage(), e);
    }
  }

  /** Makes the folder; mounts the BPF file system where nobody has. Needs root. */
  public void create() {
    try {
      if (folder.startsWith(FILE_SYSTEM) && !isMounted()) {
        mount();
      }
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BpfException("cannot create " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Whether what is to be seen there is one: something else may have been mounted over it. */
  static boolean isMounted() {
    return FileSystemType.BPF.isAt(FILE_SYSTEM);
  }

  /** Takes away what {@link #create} has mounted. */
  static void unmount() {
    if (LibC.umount(FILE_SYSTEM.toString()) != 0) {
      throw new BpfException(FILE_SYSTEM + " stays mounted: " + LibC.message(LibC.errno()));
    }
  }

  private static void mount() {
    if (LibC.mount("bpf", FILE_SYSTEM.toString(), "bpf", 0, null) != 0) {
      throw new BpfException(
          "no BPF file system at %s and it cannot be mounted: %s; mount it with: mount -t bpf bpf %s"
              .formatted(FILE_SYSTEM, LibC.message(LibC.errno()), FILE_SYSTEM));
    }
  }

  /** Unpins everything here and removes the folder; whatever nobody else holds ends with it. */
  public void removeAll() {
    try {
      for (Path pin : list()) {
        Files.deleteIfExists(pin);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new BpfException("cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }

  private List<Path> list() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var entries = Files.list(folder)) {
      return entries.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
