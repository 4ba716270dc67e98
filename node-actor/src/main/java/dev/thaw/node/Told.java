package dev.thaw.node;

import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the coordinator has been told of each pod's present process, to be said again on request:
 * facts are asked again, not stored. Pure; one thread.
 */
final class Told {
  private static final Set<Signal.Kind> STAYING = Set.of(Signal.Kind.EXEC, Signal.Kind.UNMARKED);

  private final Map<String, Pod> byPod = new LinkedHashMap<>();

  private static final class Pod {
    final Map<String, FromNode> messages = new LinkedHashMap<>();

    /** With the time of each one's opening. */
    final Map<InetSocketAddress, Long> open = new LinkedHashMap<>();

    /** Of the kinds that stay beside the next of their kind, in the order of their coming. */
    final List<String> staying = new ArrayList<>();

    void put(String kind, FromNode message) {
      messages.remove(kind); // so that it comes last
      messages.put(kind, message);
    }

    void signalled(Signal signal, FromNode message) {
      if (STAYING.contains(signal.getKind()) && !messages.containsKey(kind(signal))) {
        stay(kind(signal));
      }
      put(kind(signal), message);
      if (signal.getKind() == Signal.Kind.LISTEN) {
        open.put(Addresses.socket(signal.getAddress()), signal.getAtNanos());
      } else if (signal.getKind() == Signal.Kind.LISTEN_CLOSED) {
        open.remove(Addresses.socket(signal.getAddress()));
        if (!signal.getTarget()) {
          forget(signal);
        }
      }
    }

    /**
     * A pod may start its server anew for ever: the first one stays, as its start is told by it.
     */
    private void stay(String kind) {
      if (staying.size() == Steps.TOLD) {
        messages.remove(staying.remove(1));
      }
      staying.add(kind);
    }

    /** A pod may open one port after another for ever, which are nobody's once they are closed. */
    private void forget(Signal closed) {
      messages.remove(kind(closed));
      messages.remove(kind(closed.toBuilder().setKind(Signal.Kind.LISTEN).build()));
    }
  }

  /** Remembers a message about a pod; a later one of its kind replaces it. */
  void remember(FromNode message) {
    switch (message.getMessageCase()) {
      case PROCESS_STARTED -> {
        byPod.remove(message.getProcessStarted().getStart().getPodUid());
        put(message.getProcessStarted().getStart(), "started", message);
      }
      case PROCESS_EXITED -> put(message.getProcessExited().getStart(), "exited", message);
      case SIGNAL -> {
        Signal signal = message.getSignal();
        pod(signal.getStart().getPodUid()).signalled(signal, message);
      }
      case PROBE_REPORT -> put(message.getProbeReport().getStart(), "probe", message);
      case WARMUP_REPORT -> put(message.getWarmupReport().getStart(), "warmup", message);
      default -> {
        // not about one pod's life
      }
    }
  }

  /**
   * An exec stays beside the next, a server beside another kind; of a listener the last word
   * counts.
   */
  private static String kind(Signal signal) {
    return signal.getKind()
        + "@"
        + switch (signal.getKind()) {
          case EXEC -> Long.toString(signal.getAtNanos());
          case SERVE -> signal.getServer();
          case UNMARKED -> signal.getPath();
          default -> signal.getAddress().toString();
        };
  }

  private void put(StartRef start, String kind, FromNode message) {
    pod(start.getPodUid()).put(kind, message);
  }

  private Pod pod(String uid) {
    return byPod.computeIfAbsent(uid, unused -> new Pod());
  }

  /** Whether this very signal has been told: the ring and the kernel's rows may both hold it. */
  boolean has(Signal signal) {
    Pod pod = byPod.get(signal.getStart().getPodUid());
    FromNode last = pod == null ? null : pod.messages.get(kind(signal));
    return last != null && last.getSignal().getAtNanos() == signal.getAtNanos();
  }

  /**
   * The listeners of a pod's present process that have been told of and not taken back, each with
   * the time of its opening.
   */
  Map<InetSocketAddress, Long> open(String podUid) {
    Pod pod = byPod.get(podUid);
    return pod == null ? Map.of() : Collections.unmodifiableMap(pod.open);
  }

  void forget(String podUid) {
    byPod.remove(podUid);
  }

  /** Everything, pod by pod, in the order in which it was last said. */
  List<FromNode> all() {
    return byPod.values().stream().flatMap(pod -> pod.messages.values().stream()).toList();
  }
}
