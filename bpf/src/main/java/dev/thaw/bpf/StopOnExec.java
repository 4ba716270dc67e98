package dev.thaw.bpf;

import dev.thaw.bpf.os.PidNamespace;
import dev.thaw.bpf.os.Pidfd;
import dev.thaw.bpf.os.ProcStat;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * Stops watched processes that run an image for the first time, until it has been looked at; see
 * {@code stop.bpf.c} for why none is left stopped. Only while {@link StartupWatch#alive} is called
 * at least each half second. Needs Linux 6.16. Any thread.
 */
public final class StopOnExec implements AutoCloseable {
  private static final Set<String> MAPS =
      Set.of(
          "watched", "startup_events", "startup_lost", "startup_header", "stop_known", "stopped");

  /** The one that lets go comes first: there is no moment with the other alone. */
  private static final List<String> HOOKS = List.of("on_agent_exit", "on_exec_stop");

  private static final int SIGCONT = 18;

  /** {@code struct guard}. */
  static final int GUARD_SIZE = 24;

  /** Where in it {@code changed_ns} lies. */
  private static final int CHANGED = 16;

  private final BpfObject object;
  private final StartupWatch beside;
  private final BpfMap known;
  private final BpfMap stopped;

  private StopOnExec(Pins pins, BpfObject object, StartupWatch beside, Opened opened) {
    this.beside = beside;
    this.object = object;
    this.known = opened.add(BpfMap.pinned(pins, "stop_known", 16, 8), BpfMap::close);
    this.stopped = opened.add(BpfMap.pinned(pins, "stopped", 16, GUARD_SIZE), BpfMap::close);
  }

  /**
   * Begins, beside a {@link StartupWatch} of the same pins, which tells of each stop by {@link
   * KernelEvent.Stopped}.
   *
   * @throws BpfException when the kernel is too old or refuses, or knows us by another pid than we
   *     do: then our death would let nobody go on
   */
  public static StopOnExec open(Pins pins, StartupWatch beside) {
    if (!PidNamespace.isMachines()) {
      throw new BpfException("this is not the machine's own pid namespace: run with the host's");
    }
    List<String> strange = MapLayout.differences("stop", pins);
    if (!strange.isEmpty()) {
      throw new BpfException(
          "the pins at %s are of another build: %s; remove them with --cleanup"
              .formatted(pins.folder(), String.join(", ", strange)));
    }
    List<String> missing = HOOKS.stream().filter(hook -> !BpfObject.isPinned(pins, hook)).toList();
    try (var opened = new Opened()) {
      var object = opened.add(BpfObject.open("stop.bpf.o"), BpfObject::close);
      object.pinning(pins, MAPS).sized("startup_events", beside.ringBytes());
      HOOKS.stream().filter(hook -> !missing.contains(hook)).forEach(object::without);
      object.load();
      var stops = new StopOnExec(pins, object, beside, opened);
      missing.forEach(hook -> object.attachPinned(hook, pins));
      stops.forgetAll();
      beside.whenUnmarked(stops::forget);
      opened.keep();
      return stops;
    }
  }

  /** A predecessor's looks: their marks may be gone, and the file overwritten since. */
  private void forgetAll() {
    known.keys().forEach(known::remove);
  }

  /** Its marks are gone: its next start is a first one. */
  private void forget(ImageId image) {
    known.remove(key(image));
  }

  private static ByteBuffer key(ImageId image) {
    return BpfMap.buffer(16).putLong(0, image.inode()).putLong(8, image.device());
  }

  /** Ends what an earlier agent may have begun here. */
  public static void remove(Pins pins) {
    pins.remove("link_on_exec_stop");
  }

  /**
   * The image has been looked at: the process goes on, and no other is stopped for it while it is
   * not changed. False when that had lasted too long: the kernel had let it go before.
   */
  public boolean goOn(KernelEvent.Exec stop) {
    ByteBuffer key =
        BpfMap.buffer(16)
            .putLong(0, stop.startBootNanos())
            .putInt(8, stop.pid())
            .putInt(12, (int) stop.atNanos());
    stopped.get(key).ifPresent(guard -> known.put(key(stop.image()), guard.slice(CHANGED, 8)));
    Pidfd.open(stop.pid(), stop.startBootNanos() / ProcStat.NANOS_PER_TICK)
        .ifPresent(
            process -> {
              process.signal(SIGCONT);
              process.close();
            });
    return stopped.remove(key); // and its timer with it
  }

  /** Lets go of it; the pinned hook stays, and stops nobody without an agent. */
  @Override
  public void close() {
    beside.whenUnmarked(image -> {});
    known.close();
    stopped.close();
    object.close();
  }
}
