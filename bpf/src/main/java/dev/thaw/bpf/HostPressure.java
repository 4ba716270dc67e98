package dev.thaw.bpf;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final List<String> PROGRAMS =
      List.of("on_retransmit", "on_block_issue", "on_block_complete");

  private final BpfObject object;
  private final List<Pointer> links = new ArrayList<>();
  private final BpfMap groups;
  private final BpfMap node;
  private final BpfMap latencies;
  private final int cpus = LibBpf.libbpf_num_possible_cpus();

  /**
   * What was counted so far.
   *
   * @param retransmits segments sent again, of every socket of the machine
   * @param byGroup the same by cgroup2 id; empty before Linux 5.15
   * @param blockRequests by log2 of their microseconds
   */
  public record Reading(long retransmits, Map<Long, Long> byGroup, List<Long> blockRequests) {
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
   * Loads and attaches the programs.
   *
   * @throws BpfException when the kernel refuses
   */
  public static HostPressure open() {
    var pressure = new HostPressure(BpfObject.open("pressure.bpf.o").load());
    try {
      PROGRAMS.forEach(program -> pressure.links.add(pressure.object.attach(program)));
    } catch (BpfException e) {
      pressure.close();
      throw e;
    }
    return pressure;
  }

  /** Reads every count. */
  public Reading read() {
    var byGroup = new HashMap<Long, Long>();
    for (ByteBuffer key : groups.keys()) {
      groups.get(key).ifPresent(count -> byGroup.put(key.getLong(0), count.getLong(0)));
    }
    ByteBuffer perCpu = latencies.get(BpfMap.key(0)).orElseThrow();
    List<Long> slots =
        IntStream.range(0, LATENCY_SLOTS).mapToObj(slot -> overCpus(perCpu, slot)).toList();
    return new Reading(node.get(BpfMap.key(0)).orElseThrow().getLong(0), byGroup, slots);
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
    return PROGRAMS.stream().mapToLong(object::runNanos).sum();
  }

  /** Counts no more. The maps' descriptors are the object's. */
  @Override
  public void close() {
    links.forEach(LibBpf::bpf_link__destroy);
    links.clear();
    object.close();
  }
}
