package dev.thaw.node;

import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands a coordinator's orders to those who own what they are about. On the node's thread. */
record Orders(NodeParts parts, Starts starts) {
  private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

  void carryOut(ToNode message) {
    switch (message.getMessageCase()) {
      case TRACK_POD -> track(message.getTrackPod());
      case UNTRACK_POD -> untrack(message.getUntrackPod().getPodUid());
      case START_PROCESS -> start(message.getStartProcess());
      case END_PROCESS -> parts.processes().tell(new LocalProcesses.End(message.getEndProcess()));
      case ADOPT_PROCESSES -> {
        message.getAdoptProcesses().getPodsList().forEach(this::track);
        parts.processes().tell(new LocalProcesses.Adopt(message.getAdoptProcesses().getPodsList()));
      }
      case SET_PROBING ->
          parts
              .probes()
              .tell(
                  new Probes.SetPhase(
                      message.getSetProbing().getStart(), message.getSetProbing().getPhase()));
      case RUN_WARMUP -> parts.probes().tell(new Probes.Warm(message.getRunWarmup().getStart()));
      case SET_SCRAPING ->
          parts
              .probes()
              .tell(
                  new Probes.SetScraping(
                      message.getSetScraping().getPodUid(), message.getSetScraping().getOn()));
      case SERVE_TABLE -> parts.table().tell(new KernelTable.Serve(message.getServeTable()));
      case DROP_SERVICE -> parts.table().tell(new KernelTable.Drop(message.getDropService()));
      case REPORT -> report();
      case MESSAGE_NOT_SET -> {
        // an order of a later coordinator
      }
    }
  }

  private void track(TrackPod pod) {
    starts.track(pod);
    parts.probes().tell(new Probes.Track(pod));
  }

  private void untrack(String uid) {
    starts.tracked(uid).ifPresent(pod -> parts.processes().tell(new LocalProcesses.Forget(pod)));
    starts.untrack(uid);
    parts.pressure().tell(new PressureWatch.Unwatch(uid));
    parts.probes().tell(new Probes.Untrack(uid));
  }

  private void start(StartProcess order) {
    starts
        .tracked(order.getPodUid())
        .ifPresentOrElse(
            pod -> parts.processes().tell(new LocalProcesses.Start(order, pod)),
            () -> LOG.error("start of a pod that is not tracked uid={}", order.getPodUid()));
  }

  private void report() {
    starts.repeat();
    parts.table().tell(new KernelTable.Repeat());
  }
}
