package dev.thaw.bpf;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Counts what the kernel does again or late, since this was opened: TCP segments sent again and
 * block requests by how long they took. Nothing is pinned: it ends with this process. One thread; a
 * reading takes tens of microseconds.
 */
public final class HostPressure implements AutoCloseable {
  /** Slots of the histogram: n holds 2^n microseconds up to 2^(n+1). */
  public static final int LATENCY_SLOTS = 32;

  static final int LATENCY_BYTES = 8 * LATENCY_SLOTS;

  /** What is counted; a kernel without one may well have the other. */
  private enum Subject {
    RETRANSMITS("segments sent again", List.of("on_retransmit")),
    BLOCK("how long block devices take", List.of("on_block_issue", "on_block_complete"));

    private final String words;
    private final List<String> programs;

    Subject(String words, List<String> programs) {
      this.words = words;
      this.programs = programs;
    }
  }

  private final BpfObject object;
  private final Map<Subject, List<Pointer>> links = new EnumMap<>(Subject.class);
  private final Map<Subject, String> missing = new EnumMap<>(Subject.class);
  private final BpfMap groups;
  private final BpfMap node;
  private final BpfMap latencies;
  private final int cpus = LibBpf.libbpf_num_possible_cpus();

  /**
   * What was counted so far.
   *
   * @param retransmits segments sent again, of every socket of the machine; empty where the kernel
   *     does not let us count them
   * @param byGroup the same by cgroup2 id; empty before Linux 5.15
   * @param blockRequests by log2 of their microseconds; empty where the kernel does not let us
   *     count them
   */
  public record Reading(
      OptionalLong retransmits, Map<Long, Long> byGroup, List<Long> blockRequests) {
    public Reading {
      byGroup = Map.copyOf(byGroup);
      blockRequests = List.copyOf(blockRequests);
    }
  }

  private HostPressure(BpfObject object) {
    this.object = object;
    this.groups = new BpfMap("group_retransmits", object.mapFd("group_retransmits"), 8, 8);
    this.node = new BpfMap("node_retransmits", object.mapFd("node_retransmits"), 4, 8);
    this.latencies =
        new BpfMap("block_latencies", object.mapFd("block_latencies"), 4, LATENCY_BYTES * cpus);
  }

  /**
   * Loads and attaches the programs, as many as the kernel takes.
   *
   * @throws BpfException when the kernel refuses all of them
   */
  public static HostPressure open() {
    return open(() -> BpfObject.open("pressure.bpf.o"));
  }

  static HostPressure open(Supplier<BpfObject> compiled) {
    HostPressure pressure = load(compiled);
    for (Subject subject : Subject.values()) {
      if (!pressure.missing.containsKey(subject)) {
        pressure.attach(subject);
      }
    }
    if (pressure.links.isEmpty()) {
      pressure.close();
      throw new BpfException(String.join("; ", pressure.missing()));
    }
    return pressure;
  }

  /** One program that is refused is refused for the whole object: then each subject by itself. */
  private static HostPressure load(Supplier<BpfObject> compiled) {
    try {
      return new HostPressure(compiled.get().load());
    } catch (BpfException whole) {
      for (Subject subject : Subject.values()) {
        Subject other = subject == Subject.BLOCK ? Subject.RETRANSMITS : Subject.BLOCK;
        var object = compiled.get();
        other.programs.forEach(object::without);
        try {
          var pressure = new HostPressure(object.load());
          pressure.missing.put(other, String.valueOf(whole.getMessage()));
          return pressure;
        } catch (BpfException e) {
          continue; // then the other, or none
        }
      }
      throw whole;
    }
  }

  private void attach(Subject subject) {
    var attached = new ArrayList<Pointer>();
    try {
      subject.programs.forEach(program -> attached.add(object.attach(program)));
      links.put(subject, attached);
    } catch (BpfException e) {
      attached.forEach(LibBpf::bpf_link__destroy);
      missing.put(subject, String.valueOf(e.getMessage()));
    }
  }

  /** A sentence for each thing that is not counted, with its reason. */
  public List<String> missing() {
    return missing.entrySet().stream()
        .map(each -> each.getKey().words + " is not counted: " + each.getValue())
        .toList();
  }

  /** Reads every count. */
  public Reading read() {
    var byGroup = new HashMap<Long, Long>();
    for (ByteBuffer key : groups.keys()) {
      groups.get(key).ifPresent(count -> byGroup.put(key.getLong(0), count.getLong(0)));
    }
    return new Reading(
        links.containsKey(Subject.RETRANSMITS)
            ? OptionalLong.of(node.get(BpfMap.key(0)).orElseThrow().getLong(0))
            : OptionalLong.empty(),
        byGroup,
        links.containsKey(Subject.BLOCK) ? blockRequests() : List.of());
  }

  private List<Long> blockRequests() {
    ByteBuffer perCpu = latencies.get(BpfMap.key(0)).orElseThrow();
    return IntStream.range(0, LATENCY_SLOTS).mapToObj(slot -> overCpus(perCpu, slot)).toList();
  }

  private long overCpus(ByteBuffer perCpu, int slot) {
    long sum = 0;
    for (int cpu = 0; cpu < cpus; cpu++) {
      sum += perCpu.getLong(cpu * LATENCY_BYTES + 8 * slot);
    }
    return sum;
  }

  /** Nanoseconds the kernel has spent in the programs while {@link RunTimes} were counted. */
  public long runNanos() {
    return links.keySet().stream()
        .flatMap(subject -> subject.programs.stream())
        .mapToLong(object::runNanos)
        .sum();
  }

  /** Counts no more. The maps' descriptors are the object's. */
  @Override
  public void close() {
    links.values().forEach(each -> each.forEach(LibBpf::bpf_link__destroy));
    links.clear();
    object.close();
  }
}
