package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.Balancing;
import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.os.Clocks;
import dev.thaw.protocol.v1.DropService;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PicksReport;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.TableApplied;
import dev.thaw.protocol.v1.TableRefused;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Owns the in-kernel table of this node: applies whole tables, refuses older ones, reports what was
 * picked. Runs on the native dispatcher: replacing a table waits some milliseconds for the kernel.
 */
final class KernelTable extends AbstractBehavior<KernelTable.Command> {
  private static final Duration REPORT = Duration.ofSeconds(1);

  /** Where there is traffic, a table has been picked from by then. */
  private static final Duration FIRST_LOOK = Duration.ofMillis(100);

  sealed interface Command {}

  record Serve(ServeTable table) implements Command {}

  record Drop(DropService service) implements Command {}

  /** Says again which tables are in force. */
  record Repeat() implements Command {}

  /** Lets go; with {@code unpin} the kernel stops balancing. Answered after that. */
  record Stop(boolean unpin, ActorRef<Done> replyTo) implements Command {}

  private enum ReportDue implements Command {
    INSTANCE
  }

  private record LookDue(String workload) implements Command {}

  private record Service(
      int id,
      InetSocketAddress address,
      Optional<TableApplied> applied,
      List<PicksReport.Slot> told) {

    Service holding(TableApplied table) {
      return new Service(id, address, Optional.of(table), told);
    }
  }

  private final Balancing balancer;
  private final Consumer<FromNode> link;
  private final TimerScheduler<Command> timers;
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<Integer, InetSocketAddress> inherited;
  private boolean released;

  private KernelTable(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Balancing balancer,
      Consumer<FromNode> link) {
    super(context);
    this.timers = timers;
    this.balancer = balancer;
    this.link = link;
    this.inherited = new LinkedHashMap<>(balancer.services());
  }

  /**
   * A table that goes on when something fails, and tries again where the kernel refuses it: nothing
   * is acknowledged meanwhile.
   *
   * @param opening of the balancer; called in the actor's own thread
   */
  static Behavior<Command> create(Supplier<? extends Balancing> opening, Consumer<FromNode> link) {
    return Supervised.resumed(
        Command.class,
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> {
                      timers.startTimerAtFixedRate(ReportDue.INSTANCE, REPORT);
                      return new KernelTable(context, timers, opening.get(), link);
                    })),
        why -> link.accept(NodeActor.degradation("balancing", why)));
  }

  /**
   * Stands in where nothing can be balanced: every table counts as applied, and the answer says by
   * whom: nobody.
   */
  static Behavior<Command> absent(Consumer<FromNode> link) {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof Serve serve) {
            link.accept(
                FromNode.newBuilder().setTableApplied(applied(serve.table(), "none", 0)).build());
          } else if (command instanceof Stop stop) {
            return Behaviors.stopped(() -> stop.replyTo().tell(Done.getInstance()));
          }
          return Behaviors.same();
        });
  }

  private static TableApplied applied(ServeTable table, String plane, long beganNanos) {
    return TableApplied.newBuilder()
        .setWorkload(table.getWorkload())
        .setTerm(table.getTerm())
        .setVersion(table.getVersion())
        .setAtNanos(Clocks.monotonicNanos())
        .setPlane(plane)
        .setBeganNanos(beganNanos)
        .build();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Serve.class, this::onServe)
        .onMessage(Drop.class, this::onDrop)
        .onMessage(Repeat.class, this::onRepeat)
        .onMessageEquals(ReportDue.INSTANCE, this::onReportDue)
        .onMessage(LookDue.class, this::onLookDue)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onServe(Serve command) {
    ServeTable table = command.table();
    Service service = services.computeIfAbsent(table.getWorkload(), unused -> define(table));
    Optional<TableRefused> refusal = refusal(service, table);
    if (refusal.isPresent()) {
      link.accept(FromNode.newBuilder().setTableRefused(refusal.get()).build());
      return this;
    }
    long began = 0;
    try {
      if (isNew(service, table)) {
        began = Clocks.monotonicNanos();
        balancer.apply(service.id(), table.getVersion(), backends(table));
      }
    } catch (BpfException e) {
      getContext()
          .getLog()
          .error("table not applied workload={} why={}", table.getWorkload(), e.getMessage());
      return this; // not acknowledged: it will be sent again
    }
    TableApplied applied = applied(table, "kernel", began);
    services.put(table.getWorkload(), service.holding(applied));
    link.accept(FromNode.newBuilder().setTableApplied(applied).build());
    timers.startSingleTimer(table.getWorkload(), new LookDue(table.getWorkload()), FIRST_LOOK);
    return this;
  }

  /**
   * An address that a predecessor defined keeps its id, and so the table that is in force there.
   */
  private Service define(ServeTable table) {
    InetSocketAddress address = Addresses.socket(table.getService());
    int id =
        inherited.entrySet().stream()
            .filter(known -> known.getValue().equals(address))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseGet(this::freeId);
    inherited.put(id, address);
    balancer.define(
        id,
        address,
        table.getOnSilence() == ServeTable.OnSilence.PASS_THROUGH
            ? Balancer.OnSilence.PASS_THROUGH
            : Balancer.OnSilence.KEEP);
    return new Service(id, address, Optional.empty(), List.of());
  }

  private int freeId() {
    for (int id = 0; id < Balancer.MAX_SERVICES; id++) {
      if (!inherited.containsKey(id)) {
        return id;
      }
    }
    throw new BpfException(
        "this node balances " + Balancer.MAX_SERVICES + " services already, its limit");
  }

  /**
   * What is newer here: of this process the term and version, of a predecessor the version the
   * kernel holds.
   */
  private Optional<TableRefused> refusal(Service service, ServeTable table) {
    long haveTerm = service.applied().map(TableApplied::getTerm).orElse(0L);
    long haveVersion =
        service
            .applied()
            .map(TableApplied::getVersion)
            .orElseGet(
                () -> balancer.table(service.id()).map(Balancer.AppliedTable::epoch).orElse(0L));
    boolean older = table.getVersion() < haveVersion || table.getTerm() < haveTerm;
    return older
        ? Optional.of(
            TableRefused.newBuilder()
                .setWorkload(table.getWorkload())
                .setTerm(table.getTerm())
                .setVersion(table.getVersion())
                .setHaveTerm(haveTerm)
                .setHaveVersion(haveVersion)
                .setDetail("this node holds a later table")
                .build())
        : Optional.empty();
  }

  private boolean isNew(Service service, ServeTable table) {
    return balancer
        .table(service.id())
        .map(held -> held.epoch() != table.getVersion())
        .orElse(true);
  }

  private static List<Balancer.Backend> backends(ServeTable table) {
    return table.getEntriesList().stream()
        .map(
            entry ->
                new Balancer.Backend(
                    entry.getSlot(), Addresses.socket(entry.getAddress()), entry.getWeight()))
        .toList();
  }

  private Behavior<Command> onDrop(Drop command) {
    Service service = services.remove(command.service().getWorkload());
    if (service != null) {
      balancer.remove(service.address());
      inherited.remove(service.id());
    }
    return this;
  }

  private Behavior<Command> onRepeat(Repeat command) {
    services
        .values()
        .forEach(
            service ->
                service
                    .applied()
                    .ifPresent(
                        held -> link.accept(FromNode.newBuilder().setTableApplied(held).build())));
    return this;
  }

  private Behavior<Command> onReportDue() {
    balancer.beat();
    services.replaceAll(this::reported);
    return this;
  }

  private Behavior<Command> onLookDue(LookDue due) {
    services.computeIfPresent(
        due.workload(),
        (workload, service) ->
            service.applied().isEmpty() ? service : firstPick(service, picks(service)));
    return this;
  }

  /** What was counted under the table in force. */
  private List<Balancer.PickCount> picks(Service service) {
    long version = service.applied().orElseThrow().getVersion();
    return balancer.picks(service.id()).stream().filter(count -> count.epoch() == version).toList();
  }

  /** Says once more that a table is applied when the first connect has gone by it. */
  private Service firstPick(Service service, List<Balancer.PickCount> counts) {
    TableApplied applied = service.applied().orElseThrow();
    OptionalLong first =
        counts.stream()
            .mapToLong(Balancer.PickCount::firstPickNanos)
            .filter(nanos -> nanos > 0)
            .min();
    if (first.isEmpty() || applied.getFirstPickNanos() != 0) {
      return service;
    }
    TableApplied picked = applied.toBuilder().setFirstPickNanos(first.getAsLong()).build();
    link.accept(FromNode.newBuilder().setTableApplied(picked).build());
    return service.holding(picked);
  }

  private Service reported(String workload, Service service) {
    if (service.applied().isEmpty()) {
      return service;
    }
    List<Balancer.PickCount> counts = picks(service);
    Service now = firstPick(service, counts);
    List<PicksReport.Slot> slots = counts.stream().map(KernelTable::slot).toList();
    if (slots.equals(service.told())) {
      return now;
    }
    link.accept(
        FromNode.newBuilder()
            .setPicksReport(
                PicksReport.newBuilder()
                    .setWorkload(workload)
                    .setVersion(service.applied().get().getVersion())
                    .setAtNanos(Clocks.monotonicNanos())
                    .addAllSlots(slots))
            .build());
    return new Service(now.id(), now.address(), now.applied(), slots);
  }

  private static PicksReport.Slot slot(Balancer.PickCount count) {
    return PicksReport.Slot.newBuilder()
        .setSlot(count.slot())
        .setPicks(count.picks())
        .setConnects(count.connects())
        .setFailures(count.failures())
        .build();
  }

  private Behavior<Command> onStop(Stop command) {
    if (command.unpin() && !released) {
      released = true;
      balancer.unpin();
    }
    release();
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    if (!released) {
      released = true;
      balancer.close();
    }
    return this;
  }
}
