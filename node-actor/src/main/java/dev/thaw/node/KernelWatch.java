package dev.thaw.node;

import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
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

  sealed interface Command {}

  /**
   * Watches a control group, and marks an image before its next start. Answered when both are done.
   */
  record Watch(long unifiedId, long v1Id, Optional<Path> image, ActorRef<Done> replyTo)
      implements Command {}

  record Unwatch(long unifiedId, long v1Id) implements Command {}

  /** Marks an image that runs already, for its next start. */
  record Mark(Path image) implements Command {}

  /** Marks what a watched process became, for its next start. */
  record Became(KernelEvent.Exec exec) implements Command {}

  /** Ends the watch; with {@code unpin} the hooks go too. Answered after that. */
  record Stop(boolean unpin, ActorRef<Done> replyTo) implements Command {}

  private final Pins pins;
  private final StartupWatch watch;
  private final Consumer<KernelEvent> listener;
  private final Thread reader;
  private volatile boolean reading = true;
  private boolean released;

  private KernelWatch(ActorContext<Command> context, Pins pins, Consumer<KernelEvent> listener) {
    super(context);
    this.pins = pins;
    this.watch = StartupWatch.open(pins);
    this.listener = listener;
    this.reader = new Thread(this::read, "thaw-kernel-events");
    reader.setDaemon(true);
    reader.start();
  }

  /** {@code listener} is called on two threads and must only hand the event on. */
  static Behavior<Command> create(Pins pins, Consumer<KernelEvent> listener) {
    return Behaviors.setup(context -> new KernelWatch(context, pins, listener));
  }

  /** Stands in where the kernel does not help: agrees to everything. */
  static Behavior<Command> absent() {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof Watch wanted) {
            wanted.replyTo().tell(Done.getInstance());
          } else if (command instanceof Stop stop) {
            return Behaviors.stopped(() -> stop.replyTo().tell(Done.getInstance()));
          }
          return Behaviors.same();
        });
  }

  private void read() {
    while (reading) {
      watch.alive();
      watch.read(READ, listener);
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Watch.class, this::onWatch)
        .onMessage(Unwatch.class, this::onUnwatch)
        .onMessage(Mark.class, this::onMark)
        .onMessage(Became.class, this::onBecame)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<Command> onWatch(Watch command) {
    watch.watch(command.unifiedId(), command.v1Id());
    command.image().ifPresent(this::mark);
    command.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onUnwatch(Unwatch command) {
    watch.unwatch(command.unifiedId(), command.v1Id());
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
      listener.accept(
          new KernelEvent.Unmarked(
              exec.atNanos(),
              exec.pid(),
              exec.cgroupId(),
              exec.cgroupV1Id(),
              exec.path(),
              marks.how()));
    }
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
      watch.close();
    }
    return this;
  }
}
