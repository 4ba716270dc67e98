package dev.thaw.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Which executables carry marks. One is marked once, however many containers run it, and again when
 * it was changed. The probes are pinned beside the hooks: they report while no agent lives, and the
 * next one finds them by their names. One thread.
 */
final class MarkedImages {
  /** A probe keeps its file's blocks on the disk even when it was deleted: the oldest gives way. */
  private static final int KEPT = 256;

  /**
   * Images that were looked at, most of them no Go programs; a forgotten one is looked at again.
   */
  private static final int REMEMBERED = 4096;

  private final Pins pins;
  private final BpfObject object;
  private final Map<Key, EnumSet<MarkKind>> pinned = new LinkedHashMap<>();
  private final Map<Key, ImageMarks> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ImageMarks> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** A file in one of its versions. */
  private record Key(ImageId image, long changedNanos) {
    static Key of(ImageId image, Path file) throws IOException {
      var changed = (FileTime) Files.getAttribute(file, "unix:ctime");
      return new Key(image, changed.to(TimeUnit.NANOSECONDS));
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
    this.pins = pins;
    this.object = object;
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

  /**
   * Marks the file at this path, which is this image. The first look takes tens of milliseconds.
   */
  ImageMarks mark(ImageId image, Path file) throws IOException {
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
    ImageMarks marks = attach(key, file);
    known.put(key, marks);
    while (pinned.size() > KEPT) {
      remove(pinned.keySet().iterator().next());
    }
    return marks;
  }

  private ImageMarks attach(Key key, Path file) {
    GoBinary binary = GoBinary.read(file);
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
    Set<MarkKind> kinds = pinned.remove(key);
    if (kinds != null) {
      kinds.forEach(kind -> pins.remove(key.pin(kind)));
    }
  }
}
