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

  private final Balancing balancer;
  private final Consumer<FromNode> link;
  private final TimerScheduler<Command> timers;
  private final Map<String, BalancedService> services = new LinkedHashMap<>();
  private final ServiceIds ids;
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
    this.ids = new ServiceIds(balancer.services());
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
    BalancedService service =
        services.computeIfAbsent(table.getWorkload(), unused -> define(table));
    OptionalLong held = inKernel(service);
    Optional<TableRefused> refusal = service.refusal(table, held.orElse(0));
    if (refusal.isPresent()) {
      link.accept(FromNode.newBuilder().setTableRefused(refusal.get()).build());
      return this;
    }
    long began = 0;
    try {
      if (!held.equals(OptionalLong.of(table.getVersion()))) {
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

  private BalancedService define(ServeTable table) {
    InetSocketAddress address = Addresses.socket(table.getService());
    int id = ids.of(address);
    balancer.define(
        id,
        address,
        table.getOnSilence() == ServeTable.OnSilence.PASS_THROUGH
            ? Balancer.OnSilence.PASS_THROUGH
            : Balancer.OnSilence.KEEP);
    return BalancedService.at(id, address);
  }

  /** The version of the table in force, perhaps a predecessor's. */
  private OptionalLong inKernel(BalancedService service) {
    return balancer.table(service.id()).stream()
        .mapToLong(Balancer.AppliedTable::epoch)
        .findFirst();
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
    BalancedService service = services.remove(command.service().getWorkload());
    if (service != null) {
      balancer.remove(service.address());
      ids.free(service.id());
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
        due.workload(), (workload, service) -> firstPick(service, picks(service)));
    return this;
  }

  /** What was counted under the table in force. */
  private List<Balancer.PickCount> picks(BalancedService service) {
    return service.ofPresentTable(balancer.picks(service.id()));
  }

  /** Says once more that a table is applied when the first connect has gone by it. */
  private BalancedService firstPick(BalancedService service, List<Balancer.PickCount> counts) {
    return service
        .pickedFirst(counts)
        .map(
            picked -> {
              link.accept(FromNode.newBuilder().setTableApplied(picked).build());
              return service.holding(picked);
            })
        .orElse(service);
  }

  private BalancedService reported(String workload, BalancedService service) {
    if (service.applied().isEmpty()) {
      return service;
    }
    List<Balancer.PickCount> counts = picks(service);
    BalancedService now = firstPick(service, counts).telling(counts);
    if (!now.told().equals(service.told())) {
      link.accept(
          FromNode.newBuilder()
              .setPicksReport(
                  PicksReport.newBuilder()
                      .setWorkload(workload)
                      .setVersion(service.applied().get().getVersion())
                      .setAtNanos(Clocks.monotonicNanos())
                      .addAllSlots(now.told()))
              .build());
    }
    return now;
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
