package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Names the addresses of stacks: functions of a process's files and of the kernel. What has to be
 * asked while the process lives, its memory map, is asked by {@link #notice}; the names can wait
 * until it no longer matters how long they take. One thread.
 */
public final class Symboliser {
  /** What a frame is called of which nothing is known. */
  public static final String UNKNOWN = "[unknown]";

  /** A map is read again for an unknown address, but not more often than once in so long. */
  private static final long REREAD_NANOS = 20_000_000;

  private final List<Space> spaces = new ArrayList<>();
  private final Map<Integer, Integer> current = new HashMap<>();
  private final Map<String, StartImage> images = new HashMap<>();
  private @Nullable KernelFunctions kernel;

  /** One image's life in one process. */
  private static final class Space {
    final int pid;
    List<MappedFile> files = List.of();
    long readNanos;

    Space(int pid) {
      this.pid = pid;
    }

    @Nullable MappedFile holding(long address) {
      for (MappedFile file : files) {
        if (address >= file.start() && address < file.end()) {
          return file;
        }
      }
      return null;
    }
  }

  /** The process runs another image from here on. */
  public void execed(int pid) {
    current.remove(pid);
    notice(pid, new long[1]);
  }

  /**
   * Makes sure that the files behind a stack are known.
   *
   * @return the address space, for {@link #stack}
   */
  public int notice(int pid, long[] user) {
    int id =
        current.computeIfAbsent(
            pid,
            unknown -> {
              spaces.add(new Space(pid));
              return spaces.size() - 1;
            });
    Space space = spaces.get(id);
    long now = System.nanoTime();
    if (space.files.isEmpty() || now - space.readNanos > REREAD_NANOS && hasUnknown(space, user)) {
      List<MappedFile> files = read(pid);
      if (!files.isEmpty()) { // an ended process has none: what was known stays
        space.files = files;
      }
      space.readNanos = now;
    }
    return id;
  }

  private static boolean hasUnknown(Space space, long[] user) {
    for (long address : user) {
      if (space.holding(address) == null) {
        return true;
      }
    }
    return false;
  }

  private static List<MappedFile> read(int pid) {
    try {
      return MappedFile.parse(Files.readAllLines(Path.of("/proc/" + pid + "/maps")));
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * Frames outermost first; an address without a name shows the file it lies in.
   *
   * @param space as {@link #notice} told it
   */
  public List<String> stack(int space, long[] user, long[] kernelFrames) {
    var frames = new ArrayList<String>();
    for (int i = user.length - 1; i >= 0; i--) {
      // a return address may be the first byte after its function
      frames.add(name(spaces.get(space), i == 0 ? user[i] : user[i] - 1));
    }
    for (int i = kernelFrames.length - 1; i >= 0; i--) {
      if (kernel == null) {
        kernel = KernelFunctions.read();
      }
      frames.add(kernel.name(kernelFrames[i]) + " [kernel]");
    }
    return frames;
  }

  private String name(Space space, long address) {
    MappedFile file = space.holding(address);
    if (file == null) {
      return UNKNOWN;
    }
    StartImage image =
        images.computeIfAbsent(file.path(), path -> StartImage.read(onDisk(space.pid, path)));
    OptionalLong linked = image.address(address - file.start() + file.offset());
    Optional<String> function =
        linked.isPresent() ? image.function(linked.getAsLong()) : Optional.empty();
    return function.orElseGet(() -> "[" + file.name() + "]");
  }

  /** The file as the process sees it; that view is gone with the process. */
  private static Path onDisk(int pid, String path) {
    Path inside = Path.of("/proc/" + pid + "/root" + path);
    return Files.isReadable(inside) ? inside : Path.of(path);
  }
}
