package dev.thaw.coordinator.node;

import dev.thaw.config.PodUid;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.Report;
import dev.thaw.protocol.v1.SetScraping;
import dev.thaw.protocol.v1.ToNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/** The coordinator's end of one node's link. */
public final class NodeGateway extends AbstractBehavior<NodeGateway.Command> {
  /** Several pods' actors that ask at once are answered by one report. */
  private static final Duration GATHER = Duration.ofMillis(100);

  /** What the gateway is told. */
  public sealed interface Command {}

  /** Something for the node. */
  public record Order(ToNode message) implements Command {}

  /** Exactly these pods are to be scraped. */
  public record Scrape(Set<PodUid> pods) implements Command {}

  /** Somebody wants to hear again all the node knows. */
  public enum AskReport implements Command {
    ASK_REPORT
  }

  /** Asks for what the node can do; empty before it has said so. */
  public record Look(ActorRef<Optional<Hello>> replyTo) implements Command {}

  /** Where the node's messages go from now on. */
  public record Listen(Listener listener) implements Command {}

  private record Heard(FromNode message) implements Command {}

  private enum Gathered implements Command {
    GATHERED
  }

  /** Where what the node says goes on. */
  @FunctionalInterface
  public interface Listener {
    /** Called on the gateway's thread, with its context for actors that belong to the node. */
    void heard(ActorContext<?> context, FromNode message);
  }

  private final NodeLink<ToNode, FromNode> link;
  private final TimerScheduler<Command> timers;
  private final Set<PodUid> scraped = new HashSet<>();
  private Optional<Hello> hello = Optional.empty();
  private @Nullable Listener listener;

  private NodeGateway(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeLink<ToNode, FromNode> link) {
    super(context);
    this.timers = timers;
    this.link = link;
  }

  /** A gateway that says what it is told and hears nobody before {@link Listen}. */
  public static Behavior<Command> create(NodeLink<ToNode, FromNode> link) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new NodeGateway(context, timers, link)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Order.class,
            order -> {
              link.send(order.message());
              return this;
            })
        .onMessage(Scrape.class, this::onScrape)
        .onMessage(
            AskReport.class,
            ask -> {
              if (!timers.isTimerActive(Gathered.GATHERED)) {
                timers.startSingleTimer(Gathered.GATHERED, GATHER);
              }
              return this;
            })
        .onMessage(
            Gathered.class,
            gathered -> {
              link.send(ToNode.newBuilder().setReport(Report.newBuilder()).build());
              return this;
            })
        .onMessage(
            Look.class,
            look -> {
              look.replyTo().tell(hello);
              return this;
            })
        .onMessage(
            Listen.class,
            listen -> {
              listener = listen.listener();
              ActorRef<Command> self = getContext().getSelf();
              link.listen(message -> self.tell(new Heard(message)));
              return this;
            })
        .onMessage(Heard.class, this::onHeard)
        .build();
  }

  private Behavior<Command> onScrape(Scrape scrape) {
    var off = new HashSet<>(scraped);
    off.removeAll(scrape.pods());
    off.forEach(pod -> scraping(pod, false));
    scrape.pods().forEach(pod -> scraping(pod, true));
    scraped.clear();
    scraped.addAll(scrape.pods());
    return this;
  }

  private void scraping(PodUid pod, boolean on) {
    link.send(
        ToNode.newBuilder()
            .setSetScraping(SetScraping.newBuilder().setPodUid(pod.value()).setOn(on))
            .build());
  }

  private Behavior<Command> onHeard(Heard heard) {
    if (listener != null) {
      if (heard.message().hasHello()) {
        hello = Optional.of(heard.message().getHello());
      }
      listener.heard(getContext(), heard.message());
    }
    return this;
  }
}
