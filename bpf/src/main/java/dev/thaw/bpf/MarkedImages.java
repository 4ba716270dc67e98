package dev.thaw.bpf;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which executables carry marks. One is marked once, however many containers run it, and again when
 * it was changed. The probes are pinned beside the hooks: they report while no agent lives, and the
 * next one finds them by their names. One thread.
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
  private final Map<Key, EnumSet<MarkKind>> pinned = new LinkedHashMap<>();

  /** Those that this process has marked, to see when they change. */
  private final Map<Key, HeldFile> files = new HashMap<>();

  private final Map<Key, ImageMarks> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ImageMarks> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** A file in one of its versions. */
  private record Key(ImageId image, long changedNanos) {
    static Key of(ImageId image, HeldFile file) throws IOException {
      return new Key(image, file.changedNanos());
    }

    String pin(MarkKind kind) {
      return "mark_%x_%x_%x_%s"
          .formatted(image.device(), image.inode(), changedNanos, kind.program());
    }

    static Optional<Key> ofPin(String name) {
      String[] parts = name.split("_", 5);
      if (parts.length < 5 || !parts[0].equals("mark")) {
        return Optional.empty();
      }
      var image = new ImageId(Long.parseLong(parts[2], 16), Long.parseLong(parts[1], 16));
      return Optional.of(new Key(image, Long.parseLong(parts[3], 16)));
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
    for (String name : pins.names()) {
      Key.ofPin(name)
          .ifPresent(
              key -> {
                for (MarkKind kind : MarkKind.values()) {
                  if (name.endsWith(kind.program())) {
                    kinds(key).add(kind);
                  }
                }
              });
    }
  }

  private EnumSet<MarkKind> kinds(Key key) {
    return pinned.computeIfAbsent(key, unused -> EnumSet.noneOf(MarkKind.class));
  }

  /** The program of the probe that this pin keeps; empty when it keeps none. */
  static Optional<String> program(String pin) {
    return Key.ofPin(pin).map(key -> pin.split("_", 5)[4]);
  }

  /**
   * Marks the file at this path, which is this image. It is opened once: were its name followed
   * again for each probe, offsets of one program could end up in another, which would damage that
   * one. The first look takes tens of milliseconds.
   */
  ImageMarks mark(ImageId image, Path path) throws IOException {
    HeldFile file = HeldFile.open(path);
    boolean kept = false;
    try {
      Key key = Key.of(image, file);
      ImageMarks before = known.get(key);
      if (before != null) {
        return before;
      }
      for (Key other : Set.copyOf(pinned.keySet())) {
        if (other.image().equals(image) && !other.equals(key)) {
          remove(other); // the offsets of what it was before
        }
      }
      ImageMarks marks = attach(key, file.path());
      if (!Key.of(image, file).equals(key)) {
        remove(key);
        return new ImageMarks(Set.of(), "it was changed while it was looked at", false);
      }
      known.put(key, marks);
      if (pinned.containsKey(key)) {
        files.put(key, file);
        kept = true;
      }
      while (pinned.size() > KEPT) {
        remove(pinned.keySet().iterator().next());
      }
      return marks;
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  /**
   * Takes the marks off images that were overwritten in place since they were marked: their offsets
   * are those of another program. Which ones these were.
   */
  List<ImageId> dropChanged() {
    var changed = new ArrayList<ImageId>();
    for (var entry : List.copyOf(files.entrySet())) {
      if (hasChanged(entry.getKey(), entry.getValue())) {
        remove(entry.getKey());
        changed.add(entry.getKey().image());
      }
    }
    return changed;
  }

  private static boolean hasChanged(Key key, HeldFile file) {
    try {
      return file.changedNanos() != key.changedNanos();
    } catch (IOException e) {
      return true; // it cannot be told any more
    }
  }

  private ImageMarks attach(Key key, Path file) {
    GoBinary binary = reader.apply(file);
    try {
      binary
          .offsets()
          .forEach(
              (kind, offset) -> {
                if (!kinds(key).contains(kind)) {
                  object.attachUprobe(kind.program(), file, offset, pins.path(key.pin(kind)));
                  kinds(key).add(kind);
                }
              });
    } catch (BpfException e) {
      return new ImageMarks(Set.copyOf(kinds(key)), String.valueOf(e.getMessage()), true);
    }
    return new ImageMarks(binary.offsets().keySet(), binary.how(), binary.unsure());
  }

  /** Takes the marks off an image, in all its versions. */
  void unmark(ImageId image) {
    for (Key key : Set.copyOf(known.keySet())) {
      if (key.image().equals(image)) {
        remove(key);
      }
    }
  }

  private void remove(Key key) {
    known.remove(key);
    HeldFile file = files.remove(key);
    if (file != null) {
      file.close();
    }
    Set<MarkKind> kinds = pinned.remove(key);
    if (kinds != null) {
      kinds.forEach(kind -> pins.remove(key.pin(kind)));
    }
  }

  /** The probes stay. */
  @Override
  public void close() {
    files.values().forEach(HeldFile::close);
    files.clear();
  }
}
