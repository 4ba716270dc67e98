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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/**
 * Owns the in-kernel table of this node: applies whole tables, refuses older ones, reports what was
 * picked. Runs on the native dispatcher: replacing a table waits some milliseconds for the kernel.
 */
final class KernelTable extends AbstractBehavior<KernelTable.Command> {
  private static final Duration REPORT = Duration.ofSeconds(1);

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

  private record Service(
      int id,
      InetSocketAddress address,
      Optional<TableApplied> applied,
      List<PicksReport.Slot> told) {}

  private final Balancing balancer;
  private final Consumer<FromNode> link;
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<Integer, InetSocketAddress> inherited;
  private boolean released;

  private KernelTable(ActorContext<Command> context, Balancing balancer, Consumer<FromNode> link) {
    super(context);
    this.balancer = balancer;
    this.link = link;
    this.inherited = new LinkedHashMap<>(balancer.services());
  }

  /**
   * @param opening of the balancer; called in the actor's own thread
   */
  static Behavior<Command> create(Supplier<? extends Balancing> opening, Consumer<FromNode> link) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerAtFixedRate(ReportDue.INSTANCE, REPORT);
                  return new KernelTable(context, opening.get(), link);
                }));
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
                FromNode.newBuilder().setTableApplied(applied(serve.table(), "none")).build());
          } else if (command instanceof Stop stop) {
            return Behaviors.stopped(() -> stop.replyTo().tell(Done.getInstance()));
          }
          return Behaviors.same();
        });
  }

  private static TableApplied applied(ServeTable table, String plane) {
    return TableApplied.newBuilder()
        .setWorkload(table.getWorkload())
        .setTerm(table.getTerm())
        .setVersion(table.getVersion())
        .setAtNanos(Clocks.monotonicNanos())
        .setPlane(plane)
        .build();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Serve.class, this::onServe)
        .onMessage(Drop.class, this::onDrop)
        .onMessage(Repeat.class, this::onRepeat)
        .onMessageEquals(ReportDue.INSTANCE, this::onReportDue)
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
    try {
      if (isNew(service, table)) {
        balancer.apply(service.id(), table.getVersion(), backends(table));
      }
    } catch (BpfException e) {
      getContext()
          .getLog()
          .error("table not applied workload={} why={}", table.getWorkload(), e.getMessage());
      return this; // not acknowledged: it will be sent again
    }
    TableApplied applied = applied(table, "kernel");
    services.put(
        table.getWorkload(),
        new Service(service.id(), service.address(), Optional.of(applied), service.told()));
    link.accept(FromNode.newBuilder().setTableApplied(applied).build());
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

  private Service reported(String workload, Service service) {
    if (service.applied().isEmpty()) {
      return service;
    }
    long version = service.applied().get().getVersion();
    var slots = new ArrayList<PicksReport.Slot>();
    for (Balancer.PickCount count : balancer.picks(service.id())) {
      if (count.epoch() == version) {
        slots.add(
            PicksReport.Slot.newBuilder()
                .setSlot(count.slot())
                .setPicks(count.picks())
                .setConnects(count.connects())
                .setFailures(count.failures())
                .build());
      }
    }
    if (slots.equals(service.told())) {
      return service;
    }
    link.accept(
        FromNode.newBuilder()
            .setPicksReport(
                PicksReport.newBuilder()
                    .setWorkload(workload)
                    .setVersion(version)
                    .setAtNanos(Clocks.monotonicNanos())
                    .addAllSlots(slots))
            .build());
    return new Service(service.id(), service.address(), service.applied(), slots);
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
