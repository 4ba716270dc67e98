package dev.thaw.node;

import dev.thaw.bpf.KernelEvent;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.TrackPod;
import java.net.InetSocketAddress;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/** Hands to the node what those it has spawned see. Any thread. */
record NodeEars(ActorRef<NodeActor.Command> node)
    implements KernelWatch.Listener, LocalProcesses.Listener, ListenerLooks.Listener {
  @Override
  public void happened(KernelEvent event) {
    node.tell(new NodeActor.Happened(event));
  }

  @Override
  public void missed(String why) {
    node.tell(new NodeActor.Missed(why));
  }

  @Override
  public void lost(long total) {
    said(Reports.lost(total));
  }

  @Override
  public void refused(String why) {
    node.tell(new NodeActor.Blind(why));
  }

  @Override
  public void degraded(String what, String why) {
    said(NodeActor.degradation(what, why));
  }

  @Override
  public void expecting(TrackPod pod, ProcessIndex.Group group) {
    node.tell(new NodeActor.Expecting(pod, group));
  }

  @Override
  public void adopting(TrackPod pod, ProcessIndex.Group group) {
    node.tell(new NodeActor.Adopting(pod, group));
  }

  @Override
  public void looked(LocalProcess process, Set<InetSocketAddress> found, long beganNanos) {
    node.tell(new NodeActor.Looked(process, found, beganNanos));
  }

  @Override
  public void said(FromNode message) {
    node.tell(new NodeActor.Said(message));
  }
}
