package dev.thaw.bpf;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches how processes of chosen control groups come up. The hooks and the ring buffer are pinned:
 * what happens while no agent lives is read by the next one.
 *
 * <p>{@link #read} belongs to one thread; the other methods may be called from one other thread at
 * the same time.
 */
public final class StartupWatch implements AutoCloseable {
  private static final int ABI = 1;
  private static final Set<String> MAPS =
      Set.of("watched", "startup_events", "startup_lost", "startup_abi");
  private static final List<String> HOOKS = List.of("on_exec", "on_exit", "on_listener");

  private final BpfObject object;
  private final BpfMap watched;
  private final BpfMap lost;
  private final Map<ImageKey, Attached> marks = new HashMap<>();

  /** Held while libbpf may call it. */
  private final LibBpf.SampleFunction onSample;

  private final Pointer ring;
  private Consumer<KernelEvent> sink = event -> {};
  private @Nullable RuntimeException failure;

  private record ImageKey(Object fileKey, long changedMillis) {}

  private StartupWatch(Pins pins, BpfObject object) {
    this.object = object;
    this.watched = BpfMap.pinned(pins, "watched", 16, 4);
    this.lost = BpfMap.pinned(pins, "startup_lost", 4, 8);
    this.onSample = this::onSample;
    Pointer made = LibBpf.ring_buffer__new(object.mapFd("startup_events"), onSample, null, null);
    if (made == null) {
      throw new BpfException("the ring buffer of " + pins.folder() + " cannot be read");
    }
    this.ring = made;
  }

  /**
   * Loads and pins the hooks, or takes over those that are pinned here already.
   *
   * @throws BpfException when the kernel refuses, or the pins are of another version
   */
  public static StartupWatch open(Pins pins) {
    pins.create();
    boolean adopted = BpfObject.isPinned(pins, HOOKS.get(0));
    var object = BpfObject.open("startup.bpf.o").pinning(pins, MAPS);
    if (adopted) {
      HOOKS.forEach(object::without);
    }
    object.load();
    try (var abi = BpfMap.pinned(pins, "startup_abi", 4, 4)) {
      checkAbi(pins, abi, adopted);
    }
    var watch = new StartupWatch(pins, object);
    if (!adopted) {
      HOOKS.forEach(hook -> object.attachPinned(hook, pins));
    }
    return watch;
  }

  private static void checkAbi(Pins pins, BpfMap abi, boolean adopted) {
    ByteBuffer key = BpfMap.key(0);
    if (!adopted) {
      abi.put(key, BpfMap.key(ABI));
      return;
    }
    int found = abi.get(key).orElseThrow().getInt(0);
    if (found != ABI) {
      throw new BpfException(
          "the pins at %s are of version %d, this is version %d; remove them with --cleanup"
              .formatted(pins.folder(), found, ABI));
    }
  }

  /**
   * Reports processes of this control group from now on. Ids as in {@link KernelEvent}; 0 for none.
   */
  public void watch(long cgroupId, long cgroupV1Id) {
    keys(cgroupId, cgroupV1Id).forEach(key -> watched.put(key, BpfMap.key(1)));
  }

  /** Reports them no more. */
  public void unwatch(long cgroupId, long cgroupV1Id) {
    keys(cgroupId, cgroupV1Id).forEach(watched::remove);
  }

  private static List<ByteBuffer> keys(long cgroupId, long cgroupV1Id) {
    var keys = new ArrayList<ByteBuffer>();
    if (cgroupId != 0) {
      keys.add(BpfMap.buffer(16).putLong(0, cgroupId).putLong(8, 2));
    }
    if (cgroupV1Id != 0) {
      keys.add(BpfMap.buffer(16).putLong(0, cgroupV1Id).putLong(8, 1));
    }
    return keys;
  }

  /**
   * Waits for events up to {@code timeout} and hands each to {@code sink} on this thread.
   *
   * @return how many there were
   */
  public int read(Duration timeout, Consumer<KernelEvent> sink) {
    this.sink = sink;
    int count = LibBpf.ring_buffer__poll(ring, (int) timeout.toMillis());
    if (count == 0) {
      count =
          LibBpf.ring_buffer__consume(ring); // a wake-up may have been lost to a ring that was full
    }
    RuntimeException thrown = failure;
    if (thrown != null) {
      failure = null;
      throw thrown;
    }
    return Math.max(0, count);
  }

  /** Called by libbpf: nothing may be thrown through it. */
  private int onSample(Pointer context, Pointer data, long size) {
    try {
      KernelEvent event = size >= StartupEvents.SIZE ? StartupEvents.read(data) : null;
      if (event != null) {
        sink.accept(event);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
    return 0;
  }

  /** How many events found the ring full, since the hooks were pinned. */
  public long lost() {
    return lost.get(BpfMap.key(0)).orElseThrow().getLong(0);
  }

  /**
   * Puts marks on an executable, once per image and change of it: later starts report them. The
   * first look at an image takes tens of milliseconds.
   */
  public synchronized ImageMarks attachMarks(Path executable) {
    ImageKey key;
    try {
      Path real = executable.toRealPath();
      var attributes = Files.readAttributes(real, BasicFileAttributes.class);
      key =
          new ImageKey(
              String.valueOf(attributes.fileKey()), attributes.lastModifiedTime().toMillis());
    } catch (IOException e) {
      return new ImageMarks(Set.of(), "it cannot be read: " + e.getMessage());
    }
    return marks.computeIfAbsent(key, unused -> attach(executable)).marks();
  }

  private Attached attach(Path executable) {
    GoBinary binary = GoBinary.read(executable);
    if (binary.offsets().isEmpty()) {
      return new Attached(new ImageMarks(Set.of(), binary.how()), List.of());
    }
    var attached = EnumSet.noneOf(MarkKind.class);
    var links = new ArrayList<Pointer>();
    try {
      binary
          .offsets()
          .forEach(
              (kind, offset) -> {
                links.add(object.attachUprobe(kind.program(), executable, offset));
                attached.add(kind);
              });
    } catch (BpfException e) {
      return new Attached(new ImageMarks(attached, String.valueOf(e.getMessage())), links);
    }
    return new Attached(new ImageMarks(attached, binary.how()), links);
  }

  /**
   * The marks on one image.
   *
   * @param how where the functions were found, or why there are none
   */
  public record ImageMarks(Set<MarkKind> attached, String how) {}

  /** What was said of an image, and the links that keep its probes. */
  private record Attached(ImageMarks marks, List<Pointer> links) {}

  /** Stops reading; the pinned hooks go on. Not while {@link #read} runs. */
  @Override
  public void close() {
    LibBpf.ring_buffer__free(ring);
    marks.values().forEach(image -> image.links().forEach(LibBpf::bpf_link__destroy));
    marks.clear();
    watched.close();
    lost.close();
    object.close();
  }
}
