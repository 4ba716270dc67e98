package dev.thaw.coordinator.pod;

import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.WorkloadActor;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/**
 * Follows one pod. In memory only: one that is made anew asks the node, which says again all it
 * knows.
 */
public final class PodActor extends AbstractBehavior<PodActor.Command> {

  /** How sharding knows pods; the entity id is the pod's uid. */
  public static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "pod");

  /** What a pod's actor is told. */
  public sealed interface Command {}

  /** A fact, an order or a question. */
  public record Hear(PodInput input) implements Command {}

  /** Asks for what is known. */
  public record Look(ActorRef<PodState> replyTo) implements Command {}

  /** The pod is no more. */
  public enum Forget implements Command {
    FORGET
  }

  private record Wake() implements Command {}

  /** Whom it works with. */
  public record Colleagues(
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed) {}

  private final PodUid uid;
  private final PodCore core;
  private final Colleagues colleagues;
  private final TimerScheduler<Command> timers;
  private final Supplier<Moment> clock;
  private PodState state = PodState.unknown();

  private PodActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      PodUid uid,
      WarmupPolicy policy,
      Colleagues colleagues,
      Supplier<Moment> clock) {
    super(context);
    this.timers = timers;
    this.uid = uid;
    this.core = new PodCore(policy, uid);
    this.colleagues = colleagues;
    this.clock = clock;
    colleagues.gateway().tell(NodeGateway.AskReport.ASK_REPORT);
  }

  public static Behavior<Command> create(
      PodUid uid, WarmupPolicy policy, Colleagues colleagues, Supplier<Moment> clock) {
    Behavior<Command> pod =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> new PodActor(context, timers, uid, policy, colleagues, clock)));
    return Behaviors.supervise(pod)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Hear.class, hear -> take(hear.input()))
        .onMessage(Wake.class, wake -> take(new PodInput.Woke()))
        .onMessage(
            Look.class,
            look -> {
              look.replyTo().tell(state);
              return this;
            })
        .onMessage(Forget.class, forget -> Behaviors.stopped())
        .build();
  }

  private Behavior<Command> take(PodInput input) {
    PodDecision decision = core.decide(state, input, clock.get());
    state = decision.state();
    state
        .facts()
        .ifPresent(
            facts -> colleagues.feed().tell(new Feed.Born(uid, facts.start(), facts.execNanos())));
    decision.effects().forEach(this::perform);
    core.wakeAt(state)
        .ifPresentOrElse(
            at ->
                timers.startSingleTimer(
                    "wake", new Wake(), Duration.ofNanos(Math.max(0, at - clock.get().nanos()))),
            () -> timers.cancel("wake"));
    return this;
  }

  private void perform(PodEffect effect) {
    if (effect instanceof PodEffect.Command command) {
      colleagues.gateway().tell(new NodeGateway.Order(command.message()));
    } else if (effect instanceof PodEffect.Tell tell) {
      colleagues.workload().tell(new WorkloadActor.Say(tell.moved()));
    } else if (effect instanceof PodEffect.Announce announce) {
      colleagues
          .feed()
          .tell(new Feed.Seen(uid, announce.event(), announce.atNanos(), announce.fields()));
    }
  }
}
