package dev.thaw.node;

import dev.thaw.bpf.os.Clocks;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Looks at /proc for the listeners of this node's processes: on a timer where the kernel does not
 * tell of them, else when asked. Looks have threads of their own, and no process is looked at twice
 * at once: with many pods, or a slow /proc, nobody else waits for them.
 */
final class ListenerLooks extends AbstractBehavior<ListenerLooks.Command> {
  private static final Duration EVERY = Duration.ofMillis(100);
  private static final DispatcherSelector THREADS =
      DispatcherSelector.fromConfig("thaw.node.looks-dispatcher");

  sealed interface Command {}

  /** It runs. */
  record Began(LocalProcess process) implements Command {}

  record Ended(LocalProcess process) implements Command {}

  /** The kernel tells of no listeners any more. */
  enum Blind implements Command {
    INSTANCE
  }

  /** The kernel may have told too little: looks at all, again where a look is under way. */
  enum LookAgain implements Command {
    INSTANCE
  }

  private enum LookDue implements Command {
    INSTANCE
  }

  /** What one look has found, and when it began. */
  private record Look(Set<InetSocketAddress> found, long beganNanos) {}

  private record Looked(LocalProcess process, @Nullable Look look, @Nullable Throwable thrown)
      implements Command {}

  /** Told where a process and those in its group listen; must only hand on. */
  interface Listener {
    /**
     * One look's result.
     *
     * @param beganNanos CLOCK_MONOTONIC; what has changed since then may not have been seen
     */
    void looked(LocalProcess process, Set<InetSocketAddress> found, long beganNanos);
  }

  private final TimerScheduler<Command> timers;
  private final Function<LocalProcess, Set<InetSocketAddress>> look;
  private final Listener listener;
  private final Executor threads;
  private final Set<LocalProcess> running = new HashSet<>();
  private final Set<LocalProcess> underWay = new HashSet<>();
  private final Set<LocalProcess> again = new HashSet<>();
  private boolean signals = true;

  private ListenerLooks(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Function<LocalProcess, Set<InetSocketAddress>> look,
      Listener listener) {
    super(context);
    this.timers = timers;
    this.look = look;
    this.listener = listener;
    this.threads = context.getSystem().dispatchers().lookup(THREADS);
  }

  /**
   * Looks of which one that fails is followed by the next.
   *
   * @param signals whether the kernel tells of listeners
   * @param look blocking, on any thread
   */
  static Behavior<Command> create(
      boolean signals, Function<LocalProcess, Set<InetSocketAddress>> look, Listener listener) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  var looks = new ListenerLooks(context, timers, look, listener);
                  if (!signals) {
                    looks.onBlind();
                  }
                  return looks;
                }));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Began.class, this::onBegan)
        .onMessage(Ended.class, this::onEnded)
        .onMessageEquals(Blind.INSTANCE, this::onBlind)
        .onMessageEquals(LookAgain.INSTANCE, this::onLookAgain)
        .onMessageEquals(LookDue.INSTANCE, this::onLookDue)
        .onMessage(Looked.class, this::onLooked)
        .build();
  }

  private Behavior<Command> onBegan(Began message) {
    running.add(message.process());
    if (!signals) { // else the kernel's own record comes first
      look(message.process());
    }
    return this;
  }

  private Behavior<Command> onEnded(Ended message) {
    running.remove(message.process());
    again.remove(message.process());
    return this;
  }

  private Behavior<Command> onBlind() {
    signals = false;
    timers.startTimerWithFixedDelay(LookDue.INSTANCE, EVERY);
    return onLookAgain();
  }

  private Behavior<Command> onLookAgain() {
    running.stream().filter(underWay::contains).forEach(again::add);
    return onLookDue();
  }

  /** Whoever is being looked at is looked at by the next. */
  private Behavior<Command> onLookDue() {
    running.stream().filter(process -> !underWay.contains(process)).forEach(this::look);
    return this;
  }

  private void look(LocalProcess process) {
    underWay.add(process);
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> lookNow(process), threads),
            (found, thrown) -> new Looked(process, found, thrown));
  }

  private Look lookNow(LocalProcess process) {
    long began = Clocks.monotonicNanos();
    return new Look(look.apply(process), began);
  }

  private Behavior<Command> onLooked(Looked message) {
    LocalProcess process = message.process();
    underWay.remove(process);
    Look seen = message.look();
    if (seen == null) {
      getContext().getLog().warn("a look at /proc has failed", message.thrown());
    } else if (running.contains(process)) {
      listener.looked(process, seen.found(), seen.beganNanos());
    }
    if (again.remove(process)) {
      look(process);
    }
    return this;
  }
}
