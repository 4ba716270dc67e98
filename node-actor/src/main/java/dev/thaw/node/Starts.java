package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is known of this node's starts: whose an event is, what has been told of it, and to whom.
 * Everything it is given goes to all who listen, once. One thread.
 */
final class Starts implements AutoCloseable {
  private final ProcessIndex index = new ProcessIndex();
  private final Told told = new Told();
  private final Map<String, TrackPod> pods = new HashMap<>();
  private final Map<String, Steps> steps = new HashMap<>();
  private final Consumer<FromNode> link;
  private final Optional<StartsSocket> socket;

  /**
   * @param link to the coordinator; must only hand on
   */
  Starts(Consumer<FromNode> link, Optional<StartsSocket> socket) {
    this.link = link;
    this.socket = socket;
  }

  void track(TrackPod pod) {
    pods.put(pod.getPodUid(), pod);
  }

  void untrack(String podUid) {
    pods.remove(podUid);
    steps.remove(podUid);
    told.forget(podUid);
    index.forget(podUid);
  }

  Optional<TrackPod> tracked(String podUid) {
    return Optional.ofNullable(pods.get(podUid));
  }

  /** A process of this pod is about to be started in this group. */
  void expect(TrackPod pod, ProcessIndex.Group group) {
    index.expect(pod.getPodUid(), pod.getAddress(), group.unifiedId(), group.v1Id());
  }

  /** The process in this group is a predecessor's. */
  void adopt(TrackPod pod, ProcessIndex.Group group) {
    index.adopt(pod.getPodUid(), pod.getAddress(), group.unifiedId(), group.v1Id());
  }

  /** What the kernel has said; the signals that were told for it. */
  List<Signal> happened(KernelEvent event) {
    return index.seen(event).map(this::signalled).orElse(List.of());
  }

  /**
   * What a look at /proc has found open; the signals that were told for it.
   *
   * @param beganNanos when the look began
   */
  List<Signal> looked(LocalProcess process, Set<InetSocketAddress> found, long beganNanos) {
    if (!index.runs(process.start())) {
      return List.of(); // it has ended since
    }
    var news = new ArrayList<Signal>();
    for (Signal change :
        ListenerChanges.between(told.open(process.podUid()), process, found, beganNanos)) {
      if (change.getKind() == Signal.Kind.LISTEN_CLOSED) {
        index.closed(process.podUid(), Addresses.socket(change.getAddress()));
      }
      news.addAll(signalled(change));
    }
    return news;
  }

  /** Those that are told for a signal: none if it is no news. */
  private List<Signal> signalled(Signal signal) {
    if (told.has(signal)) {
      return List.of();
    }
    Signal meant = othersListen(signal) ? signal.toBuilder().setTarget(false).build() : signal;
    List<Signal> now =
        steps.computeIfAbsent(signal.getStart().getPodUid(), unused -> new Steps(0)).next(meant);
    now.forEach(each -> say(FromNode.newBuilder().setSignal(each).build()));
    return now;
  }

  /** A pod listens no more when the last of those the policy asks for has closed. */
  private boolean othersListen(Signal signal) {
    String uid = signal.getStart().getPodUid();
    return signal.getKind() == Signal.Kind.LISTEN_CLOSED
        && signal.getTarget()
        && told.open(uid).keySet().stream()
            .filter(other -> !other.equals(Addresses.socket(signal.getAddress())))
            .anyMatch(
                other ->
                    tracked(uid)
                        .filter(pod -> ProcessIndex.isTarget(pod.getAddress(), other))
                        .isPresent());
  }

  /** The process runs; the signals that were waiting for it, each told. */
  List<Signal> started(ProcessStarted said) {
    say(FromNode.newBuilder().setProcessStarted(said).build());
    steps.put(said.getStart().getPodUid(), new Steps(said.getPid()));
    return index.started(said).stream().flatMap(signal -> signalled(signal).stream()).toList();
  }

  /**
   * Its process is gone; later events of the group belong to nobody. How an adopted one has ended
   * the kernel alone can say.
   */
  void ended(ProcessExited said) {
    ProcessExited how =
        index
            .end(said.getStart())
            .filter(end -> said.getUnknown())
            .map(end -> LastWords.told(said, end))
            .orElse(said);
    say(FromNode.newBuilder().setProcessExited(how).build());
    index.forget(said.getStart().getPodUid());
  }

  /** Tells all who listen, and remembers what is about a pod. */
  void say(FromNode message) {
    told.remember(message);
    link.accept(message);
    socket.ifPresent(open -> open.push(message));
  }

  /** Tells the coordinator again all it has been told. */
  void repeat() {
    told.all().forEach(link);
  }

  void subscribe(StartsSocket.Arrival who) {
    socket.ifPresent(open -> open.add(who, told.all()));
  }

  /** The control groups of all pods. */
  List<ProcessIndex.Group> groups() {
    return index.groups();
  }

  @Override
  public void close() {
    socket.ifPresent(StartsSocket::close);
  }
}
