package dev.thaw.node;

import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the coordinator has been told of each pod's present process, to be said again on request:
 * facts are asked again, not stored. Pure; one thread.
 */
final class Told {
  private final Map<String, Map<String, FromNode>> byPod = new LinkedHashMap<>();

  /** Remembers a message about a pod; a later one of its kind replaces it. */
  void remember(FromNode message) {
    switch (message.getMessageCase()) {
      case PROCESS_STARTED -> {
        byPod.remove(message.getProcessStarted().getStart().getPodUid());
        put(message.getProcessStarted().getStart().getPodUid(), "started", message);
      }
      case PROCESS_EXITED ->
          put(message.getProcessExited().getStart().getPodUid(), "exited", message);
      case SIGNAL -> {
        Signal signal = message.getSignal();
        put(signal.getStart().getPodUid(), signal.getKind() + "@" + key(signal), message);
      }
      case PROBE_REPORT -> put(message.getProbeReport().getStart().getPodUid(), "probe", message);
      case WARMUP_REPORT ->
          put(message.getWarmupReport().getStart().getPodUid(), "warmup", message);
      default -> {
        // not about one pod's life
      }
    }
  }

  /**
   * An exec stays beside the next, a server beside another kind; of a listener the last word
   * counts.
   */
  private static String key(Signal signal) {
    return switch (signal.getKind()) {
      case EXEC -> Long.toString(signal.getAtNanos());
      case SERVE -> signal.getServer();
      case UNMARKED -> signal.getPath();
      default -> signal.getAddress().toString();
    };
  }

  private void put(String podUid, String kind, FromNode message) {
    Map<String, FromNode> all = byPod.computeIfAbsent(podUid, unused -> new LinkedHashMap<>());
    all.remove(kind); // so that it comes last
    all.put(kind, message);
  }

  /** Whether this very signal has been told: the ring and the kernel's rows may both hold it. */
  boolean has(Signal signal) {
    FromNode last =
        byPod
            .getOrDefault(signal.getStart().getPodUid(), Map.of())
            .get(signal.getKind() + "@" + key(signal));
    return last != null && last.getSignal().getAtNanos() == signal.getAtNanos();
  }

  /** Whether the last word on this listener was the same. */
  boolean knows(Signal signal) {
    boolean listens =
        listeners()
            .getOrDefault(signal.getStart().getPodUid(), Set.of())
            .contains(Addresses.socket(signal.getAddress()));
    return listens == (signal.getKind() == Signal.Kind.LISTEN);
  }

  /** The listeners of each pod's present process that have been told of and not taken back. */
  Map<String, Set<InetSocketAddress>> listeners() {
    var open = new HashMap<String, Set<InetSocketAddress>>();
    byPod.forEach(
        (uid, messages) -> {
          var addresses = new HashSet<InetSocketAddress>();
          for (FromNode message : messages.values()) {
            Signal signal = message.getSignal();
            if (signal.getKind() == Signal.Kind.LISTEN) {
              addresses.add(Addresses.socket(signal.getAddress()));
            } else if (signal.getKind() == Signal.Kind.LISTEN_CLOSED) {
              addresses.remove(Addresses.socket(signal.getAddress()));
            }
          }
          open.put(uid, addresses);
        });
    return open;
  }

  void forget(String podUid) {
    byPod.remove(podUid);
  }

  /** Everything, pod by pod, in the order in which it was last said. */
  List<FromNode> all() {
    return byPod.values().stream().flatMap(messages -> messages.values().stream()).toList();
  }
}
