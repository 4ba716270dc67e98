package dev.thaw.bpf;

import com.sun.jna.Pointer;
import dev.thaw.bpf.os.HeldFile;
import dev.thaw.bpf.os.LibC;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows one control group from its first instruction: images, steps, stacks, waits. Nothing is
 * pinned: all of it ends with this object, or with this process. One thread.
 */
public final class StartProfile implements AutoCloseable {
  private static final List<String> NEEDED =
      List.of("on_profiled_exec", "on_profiled_exit", "on_profiled_listener");
  private static final List<String> WAITS = List.of("on_switch", "on_wakeup");
  private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");

  /** One page fault of so many brings its stack; all of them are counted by /proc. */
  private static final int FAULTS_PER_SAMPLE = 16;

  private final BpfObject object;
  private final BpfMap lost;
  private final List<Pointer> links = new ArrayList<>();
  private final List<Integer> descriptors = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  /** Held while libbpf may call it. */
  private final LibBpf.SampleFunction onRecord = this::onRecord;

  private final Pointer ring;
  private Consumer<ProfileEvent> sink = event -> {};
  private @Nullable RuntimeException failure;

  private StartProfile(BpfObject object, Opened opened) {
    this.object = object;
    this.lost = new BpfMap("profile_lost", object.mapFd("profile_lost"), 4, 8);
    Pointer made = LibBpf.ring_buffer__new(object.mapFd("profile_events"), onRecord, null, null);
    if (made == null) {
      throw new BpfException("the ring buffer of the profile cannot be read");
    }
    this.ring = opened.add(made, LibBpf::ring_buffer__free);
  }

  /**
   * Begins to follow a group; ids as {@link dev.thaw.bpf.os.Cgroup} tells them.
   *
   * @param hertz stacks a second and processor; 0 for none
   * @throws BpfException when the kernel refuses what a profile cannot do without
   */
  public static StartProfile open(long cgroupId, long cgroupV1Id, int hertz) {
    var target = BpfMap.buffer(24).putLong(0, cgroupId).putLong(8, cgroupV1Id);
    target.putLong(16, ARM64 ? 1 : 0);
    StartProfile profile = of(load(), target);
    BpfObject object = profile.object;
    try {
      NEEDED.forEach(program -> profile.links.add(object.attach(program)));
      profile.optional(
          () -> WAITS.forEach(program -> profile.links.add(object.attach(program))),
          "waits for a processor");
      if (hertz > 0) {
        profile.optional(() -> profile.sample(hertz), "stacks");
      }
    } catch (BpfException e) {
      profile.close();
      throw e;
    }
    return profile;
  }

  /** Reads an object's ring; the object is its own from here on, also when that fails. */
  static StartProfile of(BpfObject object, ByteBuffer target) {
    try (var opened = new Opened()) {
      opened.add(object, BpfObject::close);
      new BpfMap("profile_target", object.mapFd("profile_target"), 4, 24)
          .put(BpfMap.key(0), target);
      var profile = new StartProfile(object, opened);
      opened.keep();
      return profile;
    }
  }

  /** Kernels before 6.6 do not know the attach type for many places at once. */
  static BpfObject load() {
    try {
      return BpfObject.open("profile.bpf.o").expecting("on_steps", UprobeMulti.ATTACH_TYPE).load();
    } catch (BpfException e) {
      return BpfObject.open("profile.bpf.o").without("on_steps").load();
    }
  }

  private void optional(Runnable attach, String what) {
    try {
      attach.run();
    } catch (BpfException e) {
      missing.add(what + ": " + e.getMessage());
    }
  }

  private void sample(int hertz) {
    for (int cpu : PerfEvents.onlineCpus()) {
      links.add(object.attachPerfEvent("on_cpu_clock", PerfEvents.cpuClock(cpu, hertz)));
      links.add(
          object.attachPerfEvent("on_page_faults", PerfEvents.pageFaults(cpu, FAULTS_PER_SAMPLE)));
    }
  }

  /** What the kernel did not grant, each with its reason. */
  public List<String> missing() {
    return List.copyOf(missing);
  }

  /**
   * Puts probes on the steps of an executable's start, before it runs: each is told as a {@link
   * ProfileEvent.Step} of its name. The file is opened once: steps of one build in another would
   * lie in mid-instruction.
   *
   * @return what the file says of itself
   * @throws IOException when it cannot be opened
   */
  public StartImage attachSteps(Path executable) throws IOException {
    try (HeldFile file = HeldFile.open(executable)) {
      StartImage image = StartImage.read(file.path());
      attach(file.path(), image.steps());
      return image;
    }
  }

  private void attach(Path executable, Map<String, Long> offsets) {
    if (offsets.isEmpty()) {
      return;
    }
    int first = steps.size();
    steps.addAll(offsets.keySet());
    long[] places = offsets.values().stream().mapToLong(Long::longValue).toArray();
    if (object.hasLoaded("on_steps")) {
      descriptors.add(UprobeMulti.attach(object.programFd("on_steps"), executable, places, first));
      return;
    }
    for (int i = 0; i < places.length; i++) {
      links.add(object.attachUprobeWithCookie("on_step", executable, places[i], first + i));
    }
  }

  /**
   * Hands everything there is to {@code sink} on this thread, after waiting up to {@code timeout}.
   * Only a listener and an end cut the wait short: a start is not to pay for waking us.
   *
   * @return how many there were
   */
  public int read(Duration timeout, Consumer<ProfileEvent> sink) {
    this.sink = sink;
    LibBpf.ring_buffer__poll(ring, (int) timeout.toMillis());
    int count = LibBpf.ring_buffer__consume(ring);
    RuntimeException thrown = failure;
    if (thrown != null) {
      failure = null;
      throw thrown;
    }
    return Math.max(0, count);
  }

  /** Called by libbpf: nothing may be thrown through it. */
  private int onRecord(Pointer context, Pointer data, long size) {
    try {
      ProfileEvent event =
          size >= ProfileEvents.SIZE ? ProfileEvents.read(data, size, steps) : null;
      if (event != null) {
        sink.accept(event);
      }
    } catch (RuntimeException e) {
      failure = e;
    }
    return 0;
  }

  /** How many events found the ring full. */
  public long lost() {
    return lost.get(BpfMap.key(0)).map((ByteBuffer value) -> value.getLong(0)).orElse(0L);
  }

  @Override
  public void close() {
    LibBpf.ring_buffer__free(ring);
    descriptors.forEach(LibC::close);
    links.forEach(LibBpf::bpf_link__destroy);
    object.close();
  }
}
