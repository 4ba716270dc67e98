package dev.thaw.node;

import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.Degraded;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * One node: hands the coordinator's orders to those who own what they are about, and what these see
 * to the coordinator. Remembers what it said, and says it again when asked.
 */
public final class NodeActor extends AbstractBehavior<NodeActor.Command> {
  /** What a node is told. */
  public sealed interface Command {}

  /** By its coordinator. */
  record Ordered(ToNode message) implements Command {}

  /**
   * Ends it; with {@code clean} pins, control groups and register go too. Answered when all is
   * released.
   */
  public record Stop(boolean clean, ActorRef<Done> replyTo) implements Command {}

  record Happened(KernelEvent event) implements Command {}

  record Missed(String why) implements Command {}

  record Blind(String why) implements Command {}

  record Expecting(TrackPod pod, ProcessIndex.Group group) implements Command {}

  record Adopting(TrackPod pod, ProcessIndex.Group group) implements Command {}

  record Said(FromNode message) implements Command {}

  /** One of the control groups that the kernel was asked about. */
  enum Recalled implements Command {
    INSTANCE
  }

  record Looked(LocalProcess process, Set<InetSocketAddress> found, long beganNanos)
      implements Command {}

  private record Subscribed(StartsSocket.Arrival who) implements Command {}

  private record Released(Stop stop, @Nullable Throwable thrown) implements Command {}

  private final NodeSettings settings;
  private final NodeLink<FromNode, ToNode> link;
  private final BpfSupport support;
  private final List<String> missing;
  private final NodeParts parts;
  private final Starts starts;
  private final Recalling recalling;
  private final Orders orders;
  private final News news;
  private boolean blind;

  private NodeActor(
      ActorContext<Command> context,
      NodeSettings settings,
      NodeLink<FromNode, ToNode> link,
      BpfSupport support) {
    super(context);
    this.settings = settings;
    this.link = link;
    this.support = support;
    this.missing = new ArrayList<>(support.missing());
    Optional<CgroupLayout> layout =
        support.signals() || support.limits()
            ? Optional.of(CgroupLayout.detect())
            : Optional.empty();
    this.parts = NodeParts.spawn(context, settings, support, layout, link::send);
    this.starts = new Starts(link::send, openSocket());
    this.recalling = new Recalling(context, parts, starts::groups);
    this.orders = new Orders(parts, starts);
    this.news = new News(parts, new PodGroups(layout, settings.cgroupParent()), starts, recalling);
  }

  /** Without it the node works all the same. */
  private Optional<StartsSocket> openSocket() {
    ActorRef<Command> self = getContext().getSelf();
    try {
      return Optional.of(
          StartsSocket.open(
              settings.startsSocket(),
              StartsSettings.from(getContext().getSystem().settings().config()),
              who -> self.tell(new Subscribed(who))));
    } catch (IOException e) {
      missing.add("no socket of starts at " + settings.startsSocket() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * The whole node, which goes on when an order fails. {@code link} is listened to from the first
   * moment.
   */
  static Behavior<Command> create(
      NodeSettings settings, NodeLink<FromNode, ToNode> link, BpfSupport support) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context -> {
              var node = new NodeActor(context, settings, link, support);
              node.begin();
              return node;
            }),
        why -> link.send(degradation("node", why)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ordered.class, this::onOrdered)
        .onMessage(Happened.class, this::onHappened)
        .onMessage(Missed.class, this::onMissed)
        .onMessage(Blind.class, this::onBlind)
        .onMessage(Expecting.class, this::onExpecting)
        .onMessage(Adopting.class, this::onAdopting)
        .onMessageEquals(Recalled.INSTANCE, this::onRecalled)
        .onMessage(Looked.class, this::onLooked)
        .onMessage(Said.class, this::onSaid)
        .onMessage(Subscribed.class, this::onSubscribed)
        .onMessage(Stop.class, this::onStop)
        .onMessage(Released.class, this::onReleased)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  /** Nobody else closes what was opened for an actor that never began. */
  private void begin() {
    ActorRef<Command> self = getContext().getSelf();
    try {
      hello();
      link.listen(message -> self.tell(new Ordered(message)));
    } catch (RuntimeException e) {
      starts.close();
      throw e;
    }
  }

  private void hello() {
    link.send(
        FromNode.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setNode(settings.name())
                    .setBootId(Clocks.bootId())
                    .setWallOffsetNanos(Clocks.wallOffsetNanos())
                    .setSignals(support.signals() && !blind)
                    .setBalancing(support.balancing())
                    .setLimits(support.limits())
                    .addAllMissing(missing))
            .build());
  }

  private Behavior<Command> onOrdered(Ordered order) {
    if (order.message().hasReport()) {
      hello();
    }
    orders.carryOut(order.message());
    return this;
  }

  private Behavior<Command> onExpecting(Expecting message) {
    starts.expect(message.pod(), message.group());
    return this;
  }

  private Behavior<Command> onHappened(Happened message) {
    news.happened(message.event());
    return this;
  }

  private Behavior<Command> onAdopting(Adopting message) {
    starts.adopt(message.pod(), message.group());
    recalling.recall(message.group());
    return this;
  }

  private Behavior<Command> onRecalled() {
    recalling.recalled();
    return this;
  }

  private Behavior<Command> onLooked(Looked message) {
    news.looked(message.process(), message.found(), message.beganNanos());
    return this;
  }

  /** What was not heard stands in the kernel's rows and in /proc. */
  private Behavior<Command> onMissed(Missed message) {
    link.send(degradation("signals", message.why()));
    recalling.missed();
    return this;
  }

  private Behavior<Command> onBlind(Blind message) {
    blind = true;
    link.send(
        degradation(
            "signals",
            "the kernel refuses the watch on starts, /proc is looked at instead: "
                + message.why()));
    parts.looks().tell(ListenerLooks.Blind.INSTANCE);
    return this;
  }

  static FromNode degradation(String what, String why) {
    return FromNode.newBuilder()
        .setDegraded(Degraded.newBuilder().setWhat(what).setWhy(why))
        .build();
  }

  private Behavior<Command> onSubscribed(Subscribed message) {
    starts.subscribe(message.who());
    return this;
  }

  private Behavior<Command> release() {
    starts.close();
    return this;
  }

  private Behavior<Command> onSaid(Said message) {
    news.said(message.message());
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    getContext()
        .pipeToSelf(
            parts.stop(command.clean(), getContext().getSystem().scheduler()),
            (done, thrown) -> new Released(command, thrown));
    return this;
  }

  private Behavior<Command> onReleased(Released message) {
    if (message.thrown() != null) {
      getContext()
          .getLog()
          .warn("not all was released in time why={}", message.thrown().toString());
    }
    if (message.stop().clean()) {
      new NodePins(settings.pinFolder()).removeAll();
    }
    return Behaviors.stopped(() -> message.stop().replyTo().tell(Done.getInstance()));
  }
}
