package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import dev.thaw.bpf.StopOnExec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Owns this node's watch on starting processes; a thread of its own hands the kernel's events on.
 * Runs on the native dispatcher: putting marks on an image takes tens of milliseconds.
 */
final class KernelWatch extends AbstractBehavior<KernelWatch.Command> {
  private static final Duration READ = Duration.ofMillis(100);
  private static final String TOO_LATE =
      "it was stopped for a second and then let go before it had been looked at: marks of this start may be missing";

  sealed interface Command {}

  /**
   * Watches a control group, and marks an image before its next start. Answered when both are done.
   */
  record Watch(ProcessIndex.Group group, Optional<Path> image, ActorRef<Done> replyTo)
      implements Command {}

  record Unwatch(ProcessIndex.Group group) implements Command {}

  /** Marks an image that runs already, for its next start. */
  record Mark(Path image) implements Command {}

  /** Marks what a watched process became, for its next start. */
  record Became(KernelEvent.Exec exec) implements Command {}

  /** Tells again what the kernel remembers of a control group. Answered when it is told. */
  record Recall(ProcessIndex.Group group, ActorRef<Done> replyTo) implements Command {}

  /** Marks what waits at its exec, and lets it go on. */
  private record Waits(KernelEvent.Exec exec) implements Command {}

  /** Ends the watch; with {@code unpin} the hooks go too. Answered after that. */
  record Stop(boolean unpin, ActorRef<Done> replyTo) implements Command {}

  private final ActorRef<Command> self = getContext().getSelf();
  private final Pins pins;
  private final StartupWatch watch;
  private final Listener listener;
  private final Optional<StopOnExec> stops;
  private final Thread reader;
  private volatile boolean reading = true;
  private boolean released;

  /** What the node is told, on two threads: it must only hand on. */
  interface Listener {
    void happened(KernelEvent event);

    /** So many events, more than were told before, found no room since the hooks were pinned. */
    void lost(long count);

    void degraded(String what, String why);
  }

  private KernelWatch(
      ActorContext<Command> context, Pins pins, FirstStart firstStart, Listener listener) {
    super(context);
    this.pins = pins;
    this.watch = StartupWatch.open(pins);
    this.listener = listener;
    this.stops = firstStart == FirstStart.STOP ? stops() : Optional.empty();
    if (stops.isEmpty()) {
      StopOnExec.remove(pins); // a predecessor's
    }
    this.reader = new Thread(this::read, "thaw-kernel-events");
    reader.setDaemon(true);
    reader.start();
  }

  static Behavior<Command> create(Pins pins, FirstStart firstStart, Listener listener) {
    return Behaviors.setup(context -> new KernelWatch(context, pins, firstStart, listener));
  }

  private Optional<StopOnExec> stops() {
    try {
      return Optional.of(StopOnExec.open(pins, watch));
    } catch (BpfException e) {
      listener.degraded(
          "first-start",
          "processes cannot be stopped at their first start, which takes Linux 6.16: "
              + e.getMessage());
      return Optional.empty();
    }
  }

  /** Stands in where the kernel does not help: agrees to everything. */
  static Behavior<Command> absent() {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof Watch wanted) {
            wanted.replyTo().tell(Done.getInstance());
          } else if (command instanceof Recall wanted) {
            wanted.replyTo().tell(Done.getInstance());
          } else if (command instanceof Stop stop) {
            return Behaviors.stopped(() -> stop.replyTo().tell(Done.getInstance()));
          }
          return Behaviors.same();
        });
  }

  private void read() {
    long told = 0;
    while (reading) {
      watch.alive();
      watch.read(READ, this::handOn);
      long lost = watch.lost();
      if (lost > told) {
        listener.lost(lost);
        told = lost;
      }
    }
  }

  private void handOn(KernelEvent event) {
    if (event instanceof KernelEvent.Stopped stopped) {
      self.tell(new Waits(stopped.exec()));
    } else {
      listener.happened(event);
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Watch.class, this::onWatch)
        .onMessage(Unwatch.class, this::onUnwatch)
        .onMessage(Mark.class, this::onMark)
        .onMessage(Became.class, this::onBecame)
        .onMessage(Waits.class, this::onWaits)
        .onMessage(Recall.class, this::onRecall)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onWatch(Watch command) {
    watch.watch(command.group().unifiedId(), command.group().v1Id());
    command.image().ifPresent(this::mark);
    command.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onUnwatch(Unwatch command) {
    watch.unwatch(command.group().unifiedId(), command.group().v1Id());
    return this;
  }

  private Behavior<Command> onMark(Mark command) {
    mark(command.image());
    return this;
  }

  private void mark(Path image) {
    log(image, watch.attachMarks(image));
  }

  /** What cannot be marked though it should be is told for this start. */
  private Behavior<Command> onBecame(Became command) {
    KernelEvent.Exec exec = command.exec();
    ImageMarks marks = watch.attachMarks(exec);
    log(Path.of(exec.path()), marks);
    if (marks.unsure()) {
      unmarked(exec, marks.how());
    }
    return this;
  }

  private void unmarked(KernelEvent.Exec exec, String why) {
    listener.happened(
        new KernelEvent.Unmarked(
            exec.atNanos(), exec.pid(), exec.cgroupId(), exec.cgroupV1Id(), exec.path(), why));
  }

  private Behavior<Command> onWaits(Waits command) {
    try {
      log(Path.of(command.exec().path()), watch.attachMarks(command.exec()));
    } finally {
      stops
          .filter(stopping -> !stopping.goOn(command.exec()))
          .ifPresent(tooLate -> unmarked(command.exec(), TOO_LATE));
    }
    return this;
  }

  private Behavior<Command> onRecall(Recall command) {
    watch.recall(command.group().unifiedId(), command.group().v1Id()).forEach(listener::happened);
    command.replyTo().tell(Done.getInstance());
    return this;
  }

  private void log(Path image, ImageMarks marks) {
    getContext()
        .getLog()
        .debug("image looked at path={} marks={} how={}", image, marks.attached(), marks.how());
  }

  private Behavior<Command> onStop(Stop command) {
    release();
    if (command.unpin()) {
      pins.removeAll();
    }
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    if (!released) {
      released = true;
      reading = false;
      try {
        reader.join(); // at most one READ: the session may not be closed under it
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      stops.ifPresent(StopOnExec::close);
      watch.close();
    }
    return this;
  }
}
