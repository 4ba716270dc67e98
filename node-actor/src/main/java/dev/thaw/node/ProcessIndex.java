package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.MarkKind;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells whose a kernel event is: every pod's processes live in a control group of its own. The
 * kernel is faster than we are: what it says before the start is named waits here, bounded, until
 * it is. Pure; one thread.
 */
final class ProcessIndex {
  private static final int WAITING_PER_POD = 256;

  /** What a dead predecessor has left in the ring, until the pods it is about are adopted. */
  private static final int WAITING_FOR_ADOPTION = 4096;

  private final Map<String, Pod> byUid = new HashMap<>();
  private final Map<Long, Pod> byUnified = new HashMap<>();
  private final Map<Long, Pod> byV1 = new HashMap<>();
  private final Deque<KernelEvent> nobodys = new ArrayDeque<>();

  private static final class Pod {
    private final Address address;
    private final long unified;
    private final long v1;
    private final Deque<KernelEvent> waiting = new ArrayDeque<>();
    private final Map<InetSocketAddress, Set<Long>> sockets = new HashMap<>();
    private Optional<StartRef> start = Optional.empty();
    private int pid;
    private long beganNanos;
    private Optional<KernelEvent.Exit> end = Optional.empty();

    Pod(Address address, long unified, long v1) {
      this.address = address;
      this.unified = unified;
      this.v1 = v1;
    }

    /** Whether this socket is the first on its address: others may share it. */
    boolean opened(InetSocketAddress at, long socket) {
      if (socket == KernelEvent.Listen.UNKNOWN_SOCKET) {
        return !sockets.containsKey(at);
      }
      Set<Long> open = sockets.computeIfAbsent(at, unused -> new HashSet<>());
      return open.add(socket) && open.size() == 1;
    }

    /** Whether none is left; a listen(2) that fails shows as a socket that listens for a moment. */
    boolean closed(InetSocketAddress at, long socket) {
      Set<Long> open = sockets.getOrDefault(at, new HashSet<>());
      open.remove(socket);
      if (open.isEmpty()) {
        sockets.remove(at); // a pod may listen on ever new ports
      }
      return open.isEmpty();
    }

    /** Whether an earlier process of its group did that: the kernel remembers those too. */
    boolean isBefore(KernelEvent event) {
      return event.atNanos() < beganNanos;
    }

    /** Of its own process; the kernel's rows hold no status, which its ring may have told. */
    void ended(KernelEvent.Exit exit) {
      boolean known =
          end.filter(told -> told.status() != KernelEvent.Exit.UNKNOWN_STATUS).isPresent();
      if (exit.pid() == pid && !known) {
        end = Optional.of(exit);
      }
    }
  }

  /**
   * A process is about to be started in this control group; what was known of an earlier one there
   * is void.
   */
  void expect(String podUid, Address address, long unifiedId, long v1Id) {
    nobodys.removeIf(event -> isOf(event, unifiedId, v1Id));
    put(podUid, address, unifiedId, v1Id);
  }

  /**
   * The process in this control group is a predecessor's: what was heard of it already counts, in
   * the order in which it happened.
   */
  void adopt(String podUid, Address address, long unifiedId, long v1Id) {
    Pod pod = put(podUid, address, unifiedId, v1Id);
    nobodys.stream()
        .filter(event -> isOf(event, unifiedId, v1Id))
        .sorted(Comparator.comparingLong(KernelEvent::atNanos))
        .forEach(pod.waiting::add);
    nobodys.removeIf(event -> isOf(event, unifiedId, v1Id));
  }

  private static boolean isOf(KernelEvent event, long unifiedId, long v1Id) {
    return unifiedId != 0 && event.cgroupId() == unifiedId
        || v1Id != 0 && event.cgroupV1Id() == v1Id;
  }

  private Pod put(String podUid, Address address, long unifiedId, long v1Id) {
    forget(podUid);
    var pod = new Pod(address, unifiedId, v1Id);
    byUid.put(podUid, pod);
    if (unifiedId != 0) {
      byUnified.put(unifiedId, pod);
    }
    if (v1Id != 0) {
      byV1.put(v1Id, pod);
    }
    return pod;
  }

  /** The process that was expected runs; returns what the kernel has said of it already. */
  List<Signal> started(ProcessStarted said) {
    StartRef start = said.getStart();
    Pod pod = byUid.get(start.getPodUid());
    if (pod == null) {
      return List.of();
    }
    pod.start = Optional.of(start);
    pod.pid = said.getPid();
    pod.beganNanos = said.getExecNanos();
    var signals = new ArrayList<Signal>();
    while (!pod.waiting.isEmpty()) {
      signal(pod, start, pod.waiting.remove()).ifPresent(signals::add);
    }
    return signals;
  }

  /** What an event is to the coordinator; empty for nothing, or for later. */
  Optional<Signal> seen(KernelEvent event) {
    Pod pod = byUnified.getOrDefault(event.cgroupId(), byV1.get(event.cgroupV1Id()));
    if (pod == null) {
      wait(nobodys, event, WAITING_FOR_ADOPTION);
      return Optional.empty();
    } else if (pod.start.isPresent()) {
      return signal(pod, pod.start.get(), event);
    }
    wait(pod.waiting, event, WAITING_PER_POD);
    return Optional.empty();
  }

  /** Whether this is its pod's present process. */
  boolean runs(StartRef start) {
    Pod pod = byUid.get(start.getPodUid());
    return pod != null && pod.start.filter(start::equals).isPresent();
  }

  /** How its process has ended, as far as the kernel has said it. */
  Optional<KernelEvent.Exit> end(StartRef start) {
    return Optional.ofNullable(byUid.get(start.getPodUid()))
        .filter(pod -> pod.start.filter(start::equals).isPresent())
        .flatMap(pod -> pod.end);
  }

  /** No socket is left there, though not each one's end was heard of. */
  void closed(String podUid, InetSocketAddress at) {
    Pod pod = byUid.get(podUid);
    if (pod != null) {
      pod.sockets.remove(at);
    }
  }

  private static void wait(Deque<KernelEvent> waiting, KernelEvent event, int most) {
    waiting.add(event);
    if (waiting.size() > most) {
      waiting.remove();
    }
  }

  /** A pod's control group, by its ids; 0 for none. */
  record Group(long unifiedId, long v1Id) {
    static Group of(Optional<Cgroup> group) {
      return new Group(group.map(Cgroup::unifiedId).orElse(0L), group.map(Cgroup::v1Id).orElse(0L));
    }
  }

  List<Group> groups() {
    return byUid.values().stream().map(pod -> new Group(pod.unified, pod.v1)).toList();
  }

  /** Its process is gone; later events of the group belong to nobody. */
  void forget(String podUid) {
    Pod pod = byUid.remove(podUid);
    if (pod != null) {
      byUnified.remove(pod.unified, pod);
      byV1.remove(pod.v1, pod);
    }
  }

  private static Optional<Signal> signal(Pod pod, StartRef start, KernelEvent event) {
    if (pod.isBefore(event)) {
      return Optional.empty();
    }
    Signal.Builder said =
        Signal.newBuilder().setStart(start).setAtNanos(event.atNanos()).setPid(event.pid());
    if (event instanceof KernelEvent.Exec exec) {
      said.setKind(Signal.Kind.EXEC).setPath(exec.path());
    } else if (event instanceof KernelEvent.Mark mark) {
      mark(said, mark.kind());
    } else if (event instanceof KernelEvent.Unmarked unmarked) {
      said.setKind(Signal.Kind.UNMARKED).setPath(unmarked.path()).setWhy(unmarked.why());
    } else if (event instanceof KernelEvent.Listen listen) {
      if (!pod.opened(listen.address(), listen.socket())) {
        return Optional.empty();
      }
      listener(pod, said, listen.address()).setKind(Signal.Kind.LISTEN);
    } else if (event instanceof KernelEvent.ListenClosed closed) {
      if (!pod.closed(closed.address(), closed.socket())) {
        return Optional.empty();
      }
      listener(pod, said, closed.address()).setKind(Signal.Kind.LISTEN_CLOSED);
    } else {
      if (event instanceof KernelEvent.Exit exit) {
        pod.ended(exit); // which is told by who watches the process, once its group is cleared
      }
      return Optional.empty();
    }
    return Optional.of(said.build());
  }

  private static void mark(Signal.Builder said, MarkKind kind) {
    switch (kind) {
      case RUNTIME_MAIN -> said.setKind(Signal.Kind.RUNTIME_MAIN);
      case MAIN_MAIN -> said.setKind(Signal.Kind.MAIN_MAIN);
      case NET_HTTP_SERVE -> said.setKind(Signal.Kind.SERVE).setServer("net/http");
      case GRPC_SERVE -> said.setKind(Signal.Kind.SERVE).setServer("grpc");
    }
  }

  private static Signal.Builder listener(Pod pod, Signal.Builder said, InetSocketAddress at) {
    String host = at.getAddress().getHostAddress();
    return said.setAddress(Address.newBuilder().setHost(host).setPort(at.getPort()))
        .setTarget(isTarget(pod.address, at));
  }

  /** The port the policy asks for, on the pod's own address or on every address. */
  static boolean isTarget(Address wanted, InetSocketAddress at) {
    return at.getPort() == wanted.getPort()
        && (at.getAddress().isAnyLocalAddress() || at.getAddress().equals(Addresses.inet(wanted)));
  }
}
