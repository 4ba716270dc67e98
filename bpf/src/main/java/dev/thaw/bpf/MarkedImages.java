package dev.thaw.bpf;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which executables carry marks. One is marked once, however many containers run it, and again when
 * it was changed. The probes are pinned beside the hooks and report while no agent lives. What
 * carries marks is held open, so that it can be told when it becomes another program: the offsets
 * would then lie in mid-instruction. Any thread; files are read by several at the same time.
 */
final class MarkedImages implements AutoCloseable {
  /** A probe keeps its file's blocks on the disk even when it was deleted: the oldest gives way. */
  private static final int KEPT = 256;

  /**
   * Images that were looked at, most of them no Go programs; a forgotten one is looked at again.
   */
  private static final int REMEMBERED = 4096;

  private final Pins pins;
  private final BpfObject object;
  private final Function<Path, GoBinary> reader;
  private final Map<Key, Marked> marked = new LinkedHashMap<>();

  private final Map<Key, ImageMarks> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ImageMarks> eldest) {
          return size() > REMEMBERED;
        }
      };

  private Consumer<ImageId> unmarked = image -> {};
  private boolean closed;

  /** The marks of a file that is held. */
  private record Marked(HeldFile file, EnumSet<MarkKind> kinds) {}

  /** A file in one of its versions. */
  private record Key(ImageId image, long changedNanos, long size) {
    static Key of(ImageId image, HeldFile file) throws IOException {
      HeldFile.Version version = file.version();
      return new Key(image, version.changedNanos(), version.size());
    }

    String pin(MarkKind kind) {
      return "mark_%x_%x_%x_%x_%s"
          .formatted(image.device(), image.inode(), changedNanos, size, kind.program());
    }
  }

  /** {@code object} is loaded and stays open longer than this is used. */
  MarkedImages(Pins pins, BpfObject object) {
    this(pins, object, GoBinary::read);
  }

  MarkedImages(Pins pins, BpfObject object, Function<Path, GoBinary> reader) {
    this.pins = pins;
    this.object = object;
    this.reader = reader;
  }

  /** The program of the probe that this pin keeps; empty when it keeps none. */
  static Optional<String> program(String pin) {
    return pin.startsWith("mark_") ? Optional.of(pin.split("_", 6)[5]) : Optional.empty();
  }

  /**
   * Takes over the marks that a predecessor left on what runs now: a start may be under way. The
   * others go: such a file may have been overwritten while nobody held it. Of what runs, the names
   * of the pins tell which version was marked.
   *
   * @param running by pid
   */
  synchronized void adopt(Map<Integer, ImageId> running) {
    var inherited = new HashSet<>(pins.names());
    inherited.removeIf(name -> program(name).isEmpty());
    running.forEach(
        (pid, image) -> {
          String ofImage = "mark_%x_%x_".formatted(image.device(), image.inode());
          if (inherited.stream().anyMatch(name -> name.startsWith(ofImage))) {
            adopt(image, Path.of("/proc/" + pid + "/exe"), inherited);
          }
        });
    inherited.forEach(pins::remove);
  }

  private void adopt(ImageId image, Path running, Set<String> inherited) {
    try (HeldFile file = HeldFile.open(running)) {
      Key key = Key.of(image, file);
      var kinds = EnumSet.allOf(MarkKind.class);
      kinds.removeIf(kind -> !inherited.remove(key.pin(kind)));
      hold(key, file, kinds);
    } catch (IOException e) {
      // it has just ended
    }
  }

  /** Tells of images whose marks are taken off, for whatever reason; on any thread. */
  synchronized void whenUnmarked(Consumer<ImageId> told) {
    unmarked = told;
  }

  /**
   * Marks this file, which is this image. It was opened once: were its name followed again for each
   * probe, offsets of one program could end up in another, which would damage that one. The first
   * look takes tens of milliseconds, and may wait for the file system.
   */
  ImageMarks mark(ImageId image, HeldFile file) throws IOException {
    Key key = Key.of(image, file);
    ImageMarks before = known(key);
    if (before != null) {
      return before;
    }
    GoBinary binary = reader.apply(file.path());
    return Key.of(image, file).equals(key)
        ? attach(key, file, binary)
        : new ImageMarks(Set.of(), "it was changed while it was looked at", false);
  }

  private synchronized @Nullable ImageMarks known(Key key) {
    return known.get(key);
  }

  private synchronized ImageMarks attach(Key key, HeldFile file, GoBinary binary)
      throws IOException {
    if (closed) {
      return new ImageMarks(Set.of(), "the watch has ended", false);
    }
    for (Key other : Set.copyOf(marked.keySet())) {
      if (other.image().equals(key.image()) && !other.equals(key)) {
        remove(other); // the offsets of what it was before
      }
    }
    Marked before = marked.get(key); // by another thread just now, or a predecessor
    EnumSet<MarkKind> kinds = before == null ? EnumSet.noneOf(MarkKind.class) : before.kinds();
    var marks = new ImageMarks(binary.offsets().keySet(), binary.how(), binary.unsure());
    known.put(key, marks);
    try {
      binary
          .offsets()
          .forEach(
              (kind, offset) -> {
                if (!kinds.contains(kind)) {
                  object.attachUprobe(
                      kind.program(), file.path(), offset, pins.path(key.pin(kind)));
                  kinds.add(kind);
                }
              });
    } catch (BpfException e) {
      known.remove(key); // what the kernel refuses now it may grant at the next start
      marks = new ImageMarks(Set.copyOf(kinds), String.valueOf(e.getMessage()), true);
    }
    if (before == null) {
      hold(key, file, kinds);
    }
    while (marked.size() > KEPT) {
      remove(marked.keySet().iterator().next());
    }
    return marks;
  }

  private void hold(Key key, HeldFile file, EnumSet<MarkKind> kinds) throws IOException {
    if (!kinds.isEmpty()) {
      marked.put(key, new Marked(HeldFile.open(file.path()), kinds));
    }
  }

  /**
   * Takes the marks off images that were overwritten in place since they were marked: their offsets
   * are those of another program. May wait for a file system, and then nobody else does.
   */
  void dropChanged() {
    held()
        .forEach(
            (key, held) -> {
              if (hasChanged(key, held.file())) {
                drop(key, held);
              }
            });
  }

  private synchronized Map<Key, Marked> held() {
    return Map.copyOf(marked);
  }

  private static boolean hasChanged(Key key, HeldFile file) {
    try {
      return !Key.of(key.image(), file).equals(key);
    } catch (IOException e) {
      return true; // it cannot be told any more
    }
  }

  private synchronized void drop(Key key, Marked found) {
    if (marked.get(key) == found) { // else another has been quicker, and what was asked was closed
      remove(key);
    }
  }

  private void remove(Key key) {
    known.remove(key);
    Marked removed = marked.remove(key);
    if (removed != null) {
      removed.file().close();
      removed.kinds().forEach(kind -> pins.remove(key.pin(kind)));
      unmarked.accept(key.image());
    }
  }

  /** The probes stay. */
  @Override
  public synchronized void close() {
    closed = true;
    marked.values().forEach(held -> held.file().close());
    marked.clear();
  }
}
