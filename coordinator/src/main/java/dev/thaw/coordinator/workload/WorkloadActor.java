package dev.thaw.coordinator.workload;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.config.WorkloadName;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.gate.Answer.Missing;
import dev.thaw.coordinator.gate.GateReader;
import dev.thaw.coordinator.metrics.Metrics;
import dev.thaw.coordinator.node.NodeGateway;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.WeightTable;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * The one writer of a workload: puts what it is told before {@link WorkloadCore}, persists what
 * follows in one write and then does what is owed. Decides nothing by itself.
 */
public final class WorkloadActor
    extends EventSourcedBehavior<WorkloadActor.Command, WorkloadEvent, Workload> {

  /** How sharding knows writers; the entity id is the workload's name. */
  public static final EntityTypeKey<Command> KEY = EntityTypeKey.create(Command.class, "workload");

  /** What a writer is told. */
  public sealed interface Command {}

  /** A fact or an answer. */
  public record Say(Input input) implements Command {}

  /** An operator's word, to be answered. */
  public record Operate(Input.Command word, ActorRef<Answer> replyTo) implements Command {}

  /**
   * A plane wants the tables; renewed every few seconds.
   *
   * @param highestTerm the highest term it holds or was told of
   */
  public record Subscribe(String subscriber, long highestTerm, ActorRef<WeightTable> tables)
      implements Command {}

  /** Asks to be told when a pod has no traffic in any connected plane. */
  public record WhenDrained(PodUid pod, ActorRef<Done> replyTo) implements Command {}

  /** When a node took a table, and when it was first used. */
  public record Timed(TableTimes.Applied table) implements Command {}

  /** Asks for what is decided and known. */
  public record Look(ActorRef<View> replyTo) implements Command {}

  private record Wake(long at) implements Command {}

  private enum Again implements Command {
    AGAIN
  }

  /** What became of an operator's word; {@code said} is a sentence. */
  public record Answer(boolean accepted, String said) {}

  /** What is decided and what is known, at one moment. */
  public record View(
      Workload state, Live live, ObservedShare observed, List<TableTimes.Time> tables) {}

  /**
   * Whom a writer works with.
   *
   * @param metricsPage where the metrics of a pod at this address are
   */
  public record Colleagues(
      PodWords pods,
      ActorRef<NodeGateway.Command> gateway,
      ActorRef<Feed.Command> feed,
      GateReader gates,
      Function<Endpoint, Endpoint> metricsPage,
      Metrics metrics,
      JournalHealth journal) {}

  private record Subscription(ActorRef<WeightTable> tables, long renewedNanos) {}

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final WorkloadName name;
  private final WorkloadCore core;
  private final WriterSettings settings;
  private final Colleagues colleagues;
  private final Supplier<Moment> clock;
  private final Map<String, Subscription> subscriptions = new HashMap<>();
  private final Map<PodUid, Set<ActorRef<Done>>> draining = new HashMap<>();
  private Live live;

  /** The facts by which {@link #performed} was owed. */
  private Live performedBy;

  private Set<dev.thaw.coordinator.workload.Effect> performed = Set.of();
  private final TableTimes tables = new TableTimes();
  private ObservedShare observed = ObservedShare.NONE;
  private OptionalLong alarm = OptionalLong.empty();
  private boolean faultTold;

  private WorkloadActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      WarmupPolicy policy,
      WriterSettings settings,
      Colleagues colleagues,
      Supplier<Moment> clock) {
    super(
        persistenceId(policy.workload()),
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
    this.context = context;
    this.timers = timers;
    this.name = policy.workload();
    this.core = new WorkloadCore(policy);
    this.settings = settings;
    this.colleagues = colleagues;
    this.clock = clock;
    this.live = Live.closed(clock.get());
    this.performedBy = live;
  }

  /** A writer; {@code clock} is read once per message. */
  public static Behavior<Command> create(
      WarmupPolicy policy, WriterSettings settings, Colleagues colleagues, Supplier<Moment> clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new WorkloadActor(context, timers, policy, settings, colleagues, clock)));
  }

  /** Under which its events are stored. */
  public static PersistenceId persistenceId(WorkloadName workload) {
    return PersistenceId.of(KEY.name(), workload.value());
  }

  @Override
  public Workload emptyState() {
    return Workload.empty(name);
  }

  @Override
  public EventHandler<Workload, WorkloadEvent> eventHandler() {
    return Workload::apply;
  }

  @Override
  public SignalHandler<Workload> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.instance(),
            state -> {
              live = Live.closed(clock.get());
              performed = Set.of();
              subscriptions
                  .clear(); // each renews its own, and is then one that is new to this term
              alarm = OptionalLong.empty();
              timers.startTimerWithFixedDelay(Again.AGAIN, settings.again());
              colleagues.metrics().recovered(state);
            })
        .onSignal(PreRestart.instance(), state -> tellJournal())
        .build();
  }

  @Override
  public CommandHandler<Command, WorkloadEvent, Workload> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Say.class, this::onSay)
        .onCommand(
            Operate.class, (state, operate) -> take(state, operate.word(), operate.replyTo()))
        .onCommand(Subscribe.class, this::onSubscribe)
        .onCommand(WhenDrained.class, this::onWhenDrained)
        .onCommand(
            Look.class,
            (state, look) -> {
              look.replyTo().tell(new View(state, live, observed, tables.latest()));
              return Effect().none();
            })
        .onCommand(
            Timed.class,
            (state, timed) -> {
              tables
                  .applied(timed.table())
                  .ifPresent(nanos -> colleagues.metrics().inForce(name, nanos));
              return Effect().none();
            })
        .onCommand(Wake.class, this::onWake)
        .onCommand(Again.class, (state, again) -> onAgain(state))
        .build();
  }

  private Effect<WorkloadEvent, Workload> onSay(Workload state, Say say) {
    if (say.input() instanceof Input.PicksCounted counted) {
      observed = observed.counted(counted);
    }
    tellFault(say.input());
    return take(state, say.input(), null);
  }

  /** The first plane opens the writer; so its term is above all that any plane has seen. */
  private Effect<WorkloadEvent, Workload> onSubscribe(Workload state, Subscribe subscribe) {
    boolean fresh = !subscriptions.containsKey(subscribe.subscriber());
    subscriptions.put(
        subscribe.subscriber(), new Subscription(subscribe.tables(), clock.get().nanos()));
    if (fresh) {
      learn(state, new Input.SubscribersChanged(Set.copyOf(subscriptions.keySet())));
    }
    return live.standing() == Live.Standing.CLOSED
        ? take(state, new Input.Open(subscribe.highestTerm()), null)
        : take(state, new Input.Woke(), null);
  }

  private Effect<WorkloadEvent, Workload> onWhenDrained(Workload state, WhenDrained ask) {
    draining.computeIfAbsent(ask.pod(), pod -> new HashSet<>()).add(ask.replyTo());
    drained(state);
    return Effect().none();
  }

  private Effect<WorkloadEvent, Workload> onWake(Workload state, Wake wake) {
    if (alarm.isPresent() && alarm.getAsLong() == wake.at()) {
      alarm = OptionalLong.empty();
    }
    return take(state, new Input.Woke(), null);
  }

  private Effect<WorkloadEvent, Workload> onAgain(Workload state) {
    long now = clock.get().nanos();
    long lapse = settings.subscription().toNanos();
    boolean lost = subscriptions.values().removeIf(each -> now - each.renewedNanos() > lapse);
    performed = Set.of();
    return take(
        state,
        lost ? new Input.SubscribersChanged(Set.copyOf(subscriptions.keySet())) : new Input.Woke(),
        null);
  }

  /** An input from which no event follows. */
  private void learn(Workload state, Input input) {
    Decision decision = core.decide(state, live, input, clock.get());
    if (decision.events().isEmpty()) {
      live = decision.live();
    }
  }

  private Effect<WorkloadEvent, Workload> take(
      Workload state, Input input, @Nullable ActorRef<Answer> replyTo) {
    Moment now = clock.get();
    Decision decision = core.decide(state, live, input, now);
    if (decision.events().isEmpty()) {
      followed(state, state, decision, replyTo);
      return live.standing() == Live.Standing.FENCED ? Effect().stop() : Effect().none();
    }
    return Effect()
        .persist(decision.events())
        .thenRun(
            next -> {
              long persisted = clock.get().nanos();
              if (colleagues.journal().works()) {
                colleagues.feed().tell(new Feed.Said("restored", Map.of("what", "journal")));
              }
              colleagues.metrics().persisted(name, persisted - now.nanos());
              if (next.version() != state.version()) {
                tables.persisted(next.version(), persisted);
              }
              followed(state, next, decision, replyTo);
            });
  }

  private void followed(
      Workload before, Workload after, Decision decision, @Nullable ActorRef<Answer> replyTo) {
    boolean same = !performed.isEmpty() && core.owesTheSame(performedBy, decision);
    live = decision.live();
    tell(before, decision.events(), false);
    tell(before, decision.wouldHave(), true);
    if (replyTo != null) {
      replyTo.tell(
          decision
              .refusal()
              .map(why -> new Answer(false, why))
              .orElseGet(() -> new Answer(true, decision.done())));
    }
    if (!decision.events().isEmpty()) {
      colleagues.metrics().decided(before, after, decision.events());
    }
    if (!same) {
      perform(after);
    }
    arm(after);
    drained(after);
  }

  private void tell(Workload before, List<WorkloadEvent> events, boolean onPaper) {
    Workload state = before;
    for (WorkloadEvent event : events) {
      Announcements.of(state, event, observed, onPaper).forEach(colleagues.feed()::tell);
      state = state.apply(event);
    }
  }

  /** What is newly owed; the rest has been done and is done again after a while. */
  private void perform(Workload state) {
    Set<dev.thaw.coordinator.workload.Effect> owed = core.effects(state, live);
    for (dev.thaw.coordinator.workload.Effect effect : owed) {
      if (!performed.contains(effect)) {
        perform(state, effect);
      }
    }
    performed = owed;
    performedBy = live;
  }

  private void perform(Workload state, dev.thaw.coordinator.workload.Effect effect) {
    if (effect instanceof dev.thaw.coordinator.workload.Effect.Publish publish) {
      subscriptions.values().forEach(each -> each.tables().tell(publish.table()));
    } else if (effect instanceof dev.thaw.coordinator.workload.Effect.Assign assign) {
      colleagues.pods().assigned(assign.pod(), assign.start(), assign.phase(), assign.weight());
    } else if (effect instanceof dev.thaw.coordinator.workload.Effect.Ask ask) {
      colleagues.pods().factsAsked(ask.pod());
    } else if (effect instanceof dev.thaw.coordinator.workload.Effect.Scrape scrape) {
      colleagues.gateway().tell(new NodeGateway.Scrape(scrape.pods()));
    } else if (effect instanceof dev.thaw.coordinator.workload.Effect.Query query) {
      state.member(query.pod()).ifPresent(member -> ask(query, member));
    }
  }

  /** Said once: that it is away changes no weight. */
  private void tellFault(Input input) {
    if (input instanceof Input.QueryAnswered answered
        && answered.answer() instanceof Missing missing
        && missing.fault()
        && !faultTold) {
      faultTold = true;
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("what", "prometheus");
      fields.put("why", missing.why() + "; queries pass nobody and send nobody back");
      colleagues.feed().tell(new Feed.Said("degraded", fields));
    }
  }

  /** Nothing but the journal restarts a writer, again and again until its events are taken. */
  private void tellJournal() {
    context
        .getSystem()
        .dispatchers()
        .lookup(DispatcherSelector.blocking())
        .execute(
            () ->
                colleagues
                    .journal()
                    .failed()
                    .ifPresent(
                        why -> {
                          Map<String, Object> fields = new LinkedHashMap<>();
                          fields.put("what", "journal");
                          fields.put("why", why);
                          colleagues.feed().tell(new Feed.Said("degraded", fields));
                        }));
  }

  private void ask(dev.thaw.coordinator.workload.Effect.Query query, Member member) {
    context.pipeToSelf(
        colleagues.gates().ask(query.promql(), colleagues.metricsPage().apply(member.endpoint())),
        (answer, thrown) ->
            new Say(
                new Input.QueryAnswered(
                    query, thrown == null ? answer : new Missing(thrown.toString(), true))));
  }

  private void arm(Workload state) {
    OptionalLong wake = core.wakeAt(state, live);
    if (wake.isPresent() && !wake.equals(alarm)) {
      long at = wake.getAsLong();
      long in = Math.max(0, at - clock.get().nanos());
      timers.startSingleTimer("wake", new Wake(at), Duration.ofNanos(in));
      alarm = wake;
    }
  }

  private void drained(Workload state) {
    Iterator<Map.Entry<PodUid, Set<ActorRef<Done>>>> each = draining.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<PodUid, Set<ActorRef<Done>>> waiting = each.next();
      Optional<Integer> weight = state.member(waiting.getKey()).map(Member::weight);
      if (weight.orElse(0) == 0 && live.acknowledged(state)) {
        waiting.getValue().forEach(ref -> ref.tell(Done.getInstance()));
        each.remove();
      }
    }
  }
}
