package dev.thaw.bpf;

import com.sun.jna.Pointer;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches how processes of chosen control groups come up. The hooks and the ring buffer are pinned:
 * what happens while no agent lives is read by the next one.
 *
 * <p>{@link #read} and {@link #alive} belong to one thread, {@link #attachMarks} and {@link
 * #dropChanged} to any, the others to one other.
 */
public final class StartupWatch implements AutoCloseable {
  static final Set<String> MAPS =
      Set.of("watched", "startup_events", "startup_lost", "startup_header", "startup_state");
  static final List<String> HOOKS = List.of("on_exit", "on_listener");

  /** The first tells the layer's own file on an overlay and needs Linux 5.17. */
  static final List<String> EXEC_HOOKS = List.of("on_exec", "on_exec_plain");

  private final BpfObject object;
  private final int ringBytes;
  private final BpfMap watched;
  private final BpfMap lost;
  private final StartupState state;
  private final MarkedImages images;

  /** Held while libbpf may call it. */
  private final LibBpf.SampleFunction onSample;

  private final Pointer ring;
  private Consumer<KernelEvent> sink = event -> {};

  private @Nullable RuntimeException failure;
  private boolean closed;

  private StartupWatch(Pins pins, BpfObject object, int ringBytes, Opened opened) {
    this.object = object;
    this.ringBytes = ringBytes;
    this.watched = opened.add(BpfMap.pinned(pins, "watched", 16, 4), BpfMap::close);
    this.lost = opened.add(BpfMap.pinned(pins, "startup_lost", 4, 8), BpfMap::close);
    this.state = opened.add(StartupState.open(pins), StartupState::close);
    this.images = opened.add(new MarkedImages(pins, object), MarkedImages::close);
    images.adopt(state.running());
    this.onSample = this::onSample;
    Pointer made = LibBpf.ring_buffer__new(object.mapFd("startup_events"), onSample, null, null);
    if (made == null) {
      throw new BpfException("the ring buffer of " + pins.folder() + " cannot be read");
    }
    this.ring = opened.add(made, LibBpf::ring_buffer__free);
  }

  /**
   * Loads and pins the hooks, or takes over those that are pinned here already.
   *
   * @throws BpfException when the kernel refuses, or the pins are of another version
   */
  public static StartupWatch open(Pins pins) {
    return open(pins, Kernel.DEFAULT);
  }

  /**
   * How the hooks are loaded.
   *
   * @param ringBytes a power of two, at least a page
   * @param execHooks the ones to try, best first
   */
  record Kernel(int ringBytes, List<String> execHooks) {
    /** A start with its marks and listeners takes about 2 KB: a burst of 500 starts unread. */
    static final Kernel DEFAULT = new Kernel(1 << 20, EXEC_HOOKS);
  }

  static StartupWatch open(Pins pins, Kernel kernel) {
    pins.create();
    if (isPinned(pins)) {
      StartupState.checkVersion(pins);
    }
    List<String> missing = HOOKS.stream().filter(hook -> !BpfObject.isPinned(pins, hook)).toList();
    boolean exec = EXEC_HOOKS.stream().anyMatch(hook -> BpfObject.isPinned(pins, hook));
    List<String> choices = exec ? List.of("") : kernel.execHooks();
    for (int i = 0; ; i++) {
      var wanted = new ArrayList<>(missing);
      wanted.add(choices.get(i));
      try {
        return open(pins, kernel, wanted);
      } catch (BpfException e) {
        if (i == choices.size() - 1) {
          throw e;
        }
      }
    }
  }

  static boolean isPinned(Pins pins) {
    return Stream.concat(HOOKS.stream(), EXEC_HOOKS.stream())
        .anyMatch(hook -> BpfObject.isPinned(pins, hook));
  }

  /** With these hooks new, and without the others. */
  private static StartupWatch open(Pins pins, Kernel kernel, List<String> hooks) {
    try (var opened = new Opened()) {
      var object = opened.add(BpfObject.open("startup.bpf.o"), BpfObject::close);
      object.pinning(pins, MAPS).sized("startup_events", kernel.ringBytes());
      Stream.concat(HOOKS.stream(), EXEC_HOOKS.stream())
          .filter(hook -> !hooks.contains(hook))
          .forEach(object::without);
      object.load();
      var watch = new StartupWatch(pins, object, kernel.ringBytes(), opened);
      hooks.stream()
          .filter(hook -> !hook.isEmpty())
          .forEach(hook -> object.attachPinned(hook, pins));
      opened.keep();
      return watch;
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

  /**
   * What has been seen of a control group's living processes, by {@code startup_state}: with the
   * same times as the events that told of it, or would have.
   */
  public List<KernelEvent> recall(long cgroupId, long cgroupV1Id) {
    return state.events(cgroupId, cgroupV1Id, false);
  }

  /**
   * The same of processes of it that have ended, as far as they ever listened; without the paths of
   * their images and the status of their ends, which no row holds.
   */
  public List<KernelEvent> recallEnded(long cgroupId, long cgroupV1Id) {
    return state.events(cgroupId, cgroupV1Id, true);
  }

  /** How many events found the ring full, since the hooks were pinned. */
  public long lost() {
    return lost.get(BpfMap.key(0)).orElseThrow().getLong(0);
  }

  int ringBytes() {
    return ringBytes;
  }

  /**
   * Says to all who read {@code startup_state} that an agent lives; to be repeated. Waits for
   * nobody: events are read on the same thread.
   */
  public void alive() {
    state.alive(Clocks.monotonicNanos());
  }

  /**
   * Takes marks off images that were overwritten; to be repeated, on a thread that may have to wait
   * for their file systems.
   */
  public void dropChanged() {
    images.dropChanged();
  }

  /** Tells of images whose marks were taken off, on whichever thread does that. */
  void whenUnmarked(Consumer<ImageId> told) {
    images.whenUnmarked(told);
  }

  /** Puts marks on an executable, once per image and change of it: later starts report them. */
  public ImageMarks attachMarks(Path executable) {
    try (HeldFile file = HeldFile.open(executable)) {
      return images.mark(ImageId.of(file), file);
    } catch (IOException e) {
      return without("it cannot be read: " + e.getMessage());
    }
  }

  /**
   * Puts marks on what a process became, as {@link #attachMarks(Path)}. It is looked at through the
   * process, whose files may not be ours; by its name where the process has ended.
   */
  public ImageMarks attachMarks(KernelEvent.Exec exec) {
    return markIf(Path.of("/proc/" + exec.pid() + "/exe"), exec, () -> isRunBy(exec))
        .or(() -> named(exec).flatMap(path -> markIf(path, exec, () -> false)))
        .orElseGet(() -> without("it ended, or became another, before it could be looked at"));
  }

  /**
   * Marks the file at this path if it is what this exec ran: it says so itself, or else {@code
   * kernel} does, for a file of an overlay has a device of the overlay's own.
   */
  private Optional<ImageMarks> markIf(Path path, KernelEvent.Exec exec, BooleanSupplier kernel) {
    try (HeldFile file = HeldFile.open(path)) {
      return ImageId.of(file).equals(exec.image()) || kernel.getAsBoolean()
          ? Optional.of(images.mark(exec.image(), file))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Asked once a file is held. Should the process have become another in the instant before the
   * kernel's row says so, marks are taken for the wrong image's; they lie in the right file.
   */
  private synchronized boolean isRunBy(KernelEvent.Exec exec) {
    return !closed
        && state.image(exec.pid(), exec.startBootNanos()).filter(exec.image()::equals).isPresent();
  }

  private static Optional<Path> named(KernelEvent.Exec exec) {
    try {
      return Optional.of(Path.of(exec.path()));
    } catch (InvalidPathException e) {
      return Optional.empty(); // any bytes can be a name, but not every locale has letters for them
    }
  }

  private static ImageMarks without(String why) {
    return new ImageMarks(Set.of(), why, false);
  }

  /**
   * Stops reading; the pinned hooks and marks go on. Not while {@link #read} runs; an image that is
   * looked at meanwhile gets no marks. Once is enough, twice does no harm: libbpf would free its
   * ring again.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return; // freeing twice would end the JVM
    }
    closed = true;
    LibBpf.ring_buffer__free(ring);
    state.alive(0);
    state.close();
    images.close();
    watched.close();
    lost.close();
    object.close();
  }
}
