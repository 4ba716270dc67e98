package dev.thaw.coordinator.local;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.node.NodeOrders;
import dev.thaw.coordinator.pod.PodActor;
import dev.thaw.coordinator.pod.PodInput;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.protocol.v1.AdoptProcesses;
import dev.thaw.protocol.v1.EndProcess;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.UntrackPod;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What the source of pods says to the node, to the writer and to people. Its actor's alone. */
final class Outbox {
  private final WarmupPolicy policy;
  private final LocalRun run;
  private final LocalPods.Colleagues to;
  private final Set<String> troublesSaid = new HashSet<>();

  Outbox(WarmupPolicy policy, LocalRun run, LocalPods.Colleagues to) {
    this.policy = policy;
    this.run = run;
    this.to = to;
  }

  void adopt(Collection<Replica> left) {
    var order = AdoptProcesses.newBuilder();
    for (Replica replica : left) {
      to.feed().tell(new Feed.Named(replica.uid, replica.name));
      order.addPods(NodeOrders.track(policy, replica.uid, replica.name, replica.endpoint));
    }
    order(ToNode.newBuilder().setAdoptProcesses(order));
  }

  void track(Replica replica) {
    to.feed().tell(new Feed.Named(replica.uid, replica.name));
    order(
        ToNode.newBuilder()
            .setTrackPod(NodeOrders.track(policy, replica.uid, replica.name, replica.endpoint)));
  }

  void start(Replica replica) {
    order(StartOrder.of(run, replica.uid, replica.name, replica.endpoint));
  }

  /** {@code grace}: between SIGTERM and SIGKILL; zero for SIGKILL at once. */
  void end(Replica replica, Duration grace) {
    order(
        ToNode.newBuilder()
            .setEndProcess(
                EndProcess.newBuilder()
                    .setPodUid(replica.uid.value())
                    .setGraceNanos(grace.toNanos())));
  }

  private void order(ToNode.Builder order) {
    to.gateway().tell(new NodeGateway.Order(order.build()));
  }

  /** Its process is to be ended: its traffic goes first. */
  void ending(Replica replica) {
    to.pods().apply(replica.uid).tell(new PodActor.Hear(new PodInput.Ending()));
  }

  void departed(Replica replica, String reason) {
    order(
        ToNode.newBuilder().setUntrackPod(UntrackPod.newBuilder().setPodUid(replica.uid.value())));
    to.workload().tell(new WorkloadActor.Say(new Input.Deleted(replica.uid, reason)));
  }

  void list(Input.Digest members) {
    to.workload().tell(new WorkloadActor.Say(members));
  }

  void restarted(Replica replica, String why) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("restarts", replica.restarts);
    fields.put("reason", why);
    to.feed().tell(new Feed.Seen(replica.uid, "restarted", OptionalLong.empty(), fields));
  }

  void scaled(int from, int wanted) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("from", from);
    fields.put("to", wanted);
    to.feed().tell(new Feed.Said("scaled", fields));
  }

  /** Said once, however often it is seen. */
  void degraded(String what, String why) {
    if (troublesSaid.add(what + "\n" + why)) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("what", what);
      fields.put("why", why);
      to.feed().tell(new Feed.Said("degraded", fields));
    }
  }
}
