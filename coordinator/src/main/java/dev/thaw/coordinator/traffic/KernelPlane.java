package dev.thaw.coordinator.traffic;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.node.NodeOrders;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.TableTimes;
import dev.thaw.coordinator.workload.WorkloadActor;
import dev.thaw.persistence.WeightTable;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.TableApplied;
import dev.thaw.protocol.v1.TableRefused;
import dev.thaw.protocol.v1.ToNode;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * The in-kernel table of one node as a subscriber of one workload: hands tables down and
 * acknowledgements up.
 */
public final class KernelPlane extends AbstractBehavior<KernelPlane.Command> {
  /** What a plane is told. */
  public sealed interface Command {}

  /** Its node says something about tables. */
  public record Heard(FromNode message) implements Command {}

  private record Serve(WeightTable table) implements Command {}

  private enum Renew implements Command {
    RENEW
  }

  private final String name;
  private final WarmupPolicy policy;
  private final EntityRef<WorkloadActor.Command> workload;
  private final ActorRef<NodeGateway.Command> gateway;
  private final ActorRef<WeightTable> tables;
  private long highestTerm;

  private KernelPlane(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String name,
      WarmupPolicy policy,
      Duration renew,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<NodeGateway.Command> gateway) {
    super(context);
    this.name = name;
    this.policy = policy;
    this.workload = workload;
    this.gateway = gateway;
    this.tables = context.messageAdapter(WeightTable.class, Serve::new);
    timers.startTimerWithFixedDelay(Renew.RENEW, Duration.ZERO, renew);
  }

  /**
   * A plane that subscribes at once.
   *
   * @param name how the workload knows it, such as {@code kernel:host-a}
   * @param renew between two renewals of its subscription
   */
  public static Behavior<Command> create(
      String name,
      WarmupPolicy policy,
      Duration renew,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<NodeGateway.Command> gateway) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new KernelPlane(context, timers, name, policy, renew, workload, gateway)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Renew.class,
            renew -> {
              workload.tell(new WorkloadActor.Subscribe(name, highestTerm, tables));
              return this;
            })
        .onMessage(
            Serve.class,
            serve -> {
              gateway.tell(
                  new NodeGateway.Order(
                      ToNode.newBuilder()
                          .setServeTable(NodeOrders.table(policy, serve.table()))
                          .build()));
              return this;
            })
        .onMessage(Heard.class, this::onHeard)
        .build();
  }

  private Behavior<Command> onHeard(Heard heard) {
    FromNode message = heard.message();
    switch (message.getMessageCase()) {
      case TABLE_APPLIED -> applied(message.getTableApplied());
      case TABLE_REFUSED -> refused(message.getTableRefused());
      case PICKS_REPORT ->
          tell(
              new Input.PicksCounted(
                  message.getPicksReport().getVersion(),
                  message.getPicksReport().getSlotsList().stream()
                      .map(
                          slot ->
                              new Input.Picks(slot.getSlot(), slot.getPicks(), slot.getFailures()))
                      .toList()));
      default -> {
        // not about tables
      }
    }
    return this;
  }

  private void applied(TableApplied said) {
    highestTerm = Math.max(highestTerm, said.getTerm());
    workload.tell(
        new WorkloadActor.Timed(
            new TableTimes.Applied(
                said.getVersion(),
                said.getBeganNanos(),
                said.getAtNanos(),
                said.getFirstPickNanos())));
    tell(new Input.TableApplied(name, said.getTerm(), said.getVersion()));
  }

  private void refused(TableRefused said) {
    highestTerm = Math.max(highestTerm, said.getHaveTerm());
    getContext()
        .getLog()
        .warn(
            "table refused plane={} term={} version={} why={}",
            name,
            said.getTerm(),
            said.getVersion(),
            said.getDetail());
    tell(new Input.TableRefused(name, said.getHaveTerm(), said.getHaveVersion()));
  }

  private void tell(Input input) {
    workload.tell(new WorkloadActor.Say(input));
  }
}
