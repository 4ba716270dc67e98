package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.util.Set;

/** What follows from what those whom the node has spawned have seen. On the node's thread. */
final class News {
  private final NodeParts parts;
  private final PodGroups groups;
  private final Starts starts;
  private final Recalling recalling;

  News(NodeParts parts, PodGroups groups, Starts starts, Recalling recalling) {
    this.parts = parts;
    this.groups = groups;
    this.starts = starts;
    this.recalling = recalling;
  }

  void happened(KernelEvent event) {
    if (event instanceof KernelEvent.Exec exec) {
      parts.kernel().tell(new KernelWatch.Became(exec));
    }
    starts.happened(event).forEach(this::follow);
  }

  /** As {@link ListenerLooks.Listener#looked}. */
  void looked(LocalProcess process, Set<InetSocketAddress> found, long beganNanos) {
    starts.looked(process, found, beganNanos).forEach(this::follow);
  }

  void said(FromNode said) {
    switch (said.getMessageCase()) {
      case PROCESS_STARTED -> {
        StartRef start = said.getProcessStarted().getStart();
        parts.probes().tell(new Probes.Started(start, said.getProcessStarted().getPid()));
        watchPressure(start);
        starts.started(said.getProcessStarted()).forEach(this::follow);
      }
      case PROCESS_EXITED -> {
        StartRef start = said.getProcessExited().getStart();
        starts.ended(said.getProcessExited());
        parts.pressure().tell(new PressureWatch.Unwatch(start.getPodUid()));
        parts.probes().tell(new Probes.Ended(start));
      }
      default -> starts.say(said);
    }
  }

  /** What follows here from a signal that was news. */
  private void follow(Signal signal) {
    if (!signal.getTarget()) {
      return;
    } else if (signal.getKind() == Signal.Kind.LISTEN) {
      parts.probes().tell(new Probes.Listening(signal.getStart(), signal.getPid()));
    } else if (signal.getKind() == Signal.Kind.LISTEN_CLOSED) {
      parts.probes().tell(new Probes.Closed(signal.getStart()));
      recalling.look(); // not every socket is known of a start that was read again
    }
  }

  private void watchPressure(StartRef start) {
    starts
        .tracked(start.getPodUid())
        .map(TrackPod::getPodName)
        .ifPresent(
            name ->
                groups
                    .of(name)
                    .ifPresent(
                        group ->
                            parts.pressure().tell(new PressureWatch.Watch(start, name, group))));
  }
}
