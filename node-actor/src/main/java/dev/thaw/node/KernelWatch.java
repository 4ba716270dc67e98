package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.KernelEvent;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Owns this node's watch on starting processes; a thread of its own hands the kernel's events on.
 * No order waits for an image to be looked at: {@link ImageLooks} does that. Runs on the native
 * dispatcher: its programs are loaded there.
 */
final class KernelWatch extends AbstractBehavior<KernelWatch.Command> {
  private static final String TOO_LATE =
      "it was stopped for a second and then let go before it had been looked at: marks of this start may be missing";

  sealed interface Command {}

  /** Answered when it is done, and at once where there is no kernel to do it. */
  sealed interface Asked extends Command {
    ActorRef<Done> replyTo();
  }

  /**
   * Watches a control group, and marks an image before its next start. Answered when both are done,
   * or the image takes longer than a start is to wait for it.
   */
  record Watch(ProcessIndex.Group group, Optional<Path> image, ActorRef<Done> replyTo)
      implements Asked {}

  record Unwatch(ProcessIndex.Group group) implements Command {}

  /** Marks an image that runs already, for its next start. */
  record Mark(Path image) implements Command {}

  /** Marks what a watched process became, for its next start. */
  record Became(KernelEvent.Exec exec) implements Command {}

  /** Tells again what the kernel remembers of a control group. Answered when it is told. */
  record Recall(ProcessIndex.Group group, ActorRef<Done> replyTo) implements Asked {}

  /** Answered when all is told that the kernel has said until now. */
  record CatchUp(ActorRef<Done> replyTo) implements Asked {}

  /** Tells what the kernel remembers of a control group's dead. Answered when it is told. */
  record RecallEnded(ProcessIndex.Group group, ActorRef<Done> replyTo) implements Asked {}

  /** Marks what waits at its exec, and lets it go on. */
  private record Waits(KernelEvent.Exec exec) implements Command {}

  private record Marked(ActorRef<Done> replyTo) implements Command {}

  private record LookedAt(KernelEvent.Exec stopped) implements Command {}

  /** Ends the watch; with {@code unpin} the hooks go too. Answered after that. */
  record Stop(boolean unpin, ActorRef<Done> replyTo) implements Command {}

  private record ReaderEnded(SignalReader reader, Throwable why) implements Command {}

  private final SignalSource source;
  private final Listener listener;
  private final SignalReader reader;
  private final ImageLooks looks;
  private boolean released;

  /** What the node is told, on any thread: it must only hand on. */
  interface Listener {
    void happened(KernelEvent event);

    /** Events may have been missed: what is remembered is to be recalled. */
    void missed(String why);

    /** So many events have found no room so far; {@link #missed} follows. */
    void lost(long total);

    /** The kernel does not help here, for good. */
    void refused(String why);

    void degraded(String what, String why);
  }

  private KernelWatch(ActorContext<Command> context, SignalSource source, Listener listener) {
    super(context);
    this.source = source;
    this.listener = listener;
    this.reader = SignalReader.start(source, new Hearing(context.getSelf(), listener));
    this.looks = new ImageLooks(source, listener);
  }

  /**
   * A watch that begins anew when it fails, and steps aside where the kernel refuses it.
   *
   * @param opening of the source, in the actor's own thread; is handed where to say that processes
   *     cannot be stopped at their first start
   */
  static Behavior<Command> create(
      Function<Consumer<String>, ? extends SignalSource> opening, Listener listener) {
    return Supervised.renewed(
        Command.class,
        Behaviors.setup(context -> open(context, opening, listener)),
        why -> listener.missed("the watch on starts has failed and begins anew: " + why));
  }

  private static Behavior<Command> open(
      ActorContext<Command> context,
      Function<Consumer<String>, ? extends SignalSource> opening,
      Listener listener) {
    SignalSource source;
    try {
      source = opening.apply(why -> listener.degraded("first-start", why));
    } catch (BpfException e) {
      listener.refused(String.valueOf(e.getMessage()));
      return absent();
    }
    return new KernelWatch(context, source, listener);
  }

  /** Stands in where the kernel does not help: agrees to everything. */
  static Behavior<Command> absent() {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof Asked wanted) {
            wanted.replyTo().tell(Done.getInstance());
          } else if (command instanceof Stop stop) {
            return Behaviors.stopped(() -> stop.replyTo().tell(Done.getInstance()));
          }
          return Behaviors.same();
        });
  }

  /** What the reading thread hears. */
  private record Hearing(ActorRef<Command> watch, Listener node) implements SignalReader.Listener {
    @Override
    public void happened(KernelEvent event) {
      if (event instanceof KernelEvent.Stopped stopped) {
        watch.tell(new Waits(stopped.exec()));
      } else {
        node.happened(event);
      }
    }

    @Override
    public void lost(long count) {
      node.lost(count);
      node.missed(
          count
              + " kernel events found the ring full: starts are read again from startup_state, listeners from /proc");
    }

    @Override
    public void ended(SignalReader reader, Throwable why) {
      watch.tell(new ReaderEnded(reader, why));
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
        .onMessage(Marked.class, this::onMarked)
        .onMessage(LookedAt.class, this::onLookedAt)
        .onMessage(Recall.class, this::onRecall)
        .onMessage(CatchUp.class, this::onCatchUp)
        .onMessage(RecallEnded.class, this::onRecallEnded)
        .onMessage(ReaderEnded.class, this::onReaderEnded)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PreRestart.class, signal -> release())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  /** Whoever cannot be watched is started all the same. */
  private Behavior<Command> onWatch(Watch command) {
    try {
      source.watch(command.group());
    } catch (BpfException e) {
      listener.degraded("signals", "a control group cannot be watched: " + e.getMessage());
    }
    Marked done = new Marked(command.replyTo());
    command
        .image()
        .ifPresentOrElse(image -> hearAfter(looks.start(image), done), () -> onMarked(done));
    return this;
  }

  /** Also when nobody is to wait for it any more. */
  private void hearAfter(CompletableFuture<Void> look, Command message) {
    getContext().pipeToSelf(look, (done, late) -> message);
  }

  private Behavior<Command> onMarked(Marked message) {
    message.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onUnwatch(Unwatch command) {
    source.unwatch(command.group());
    return this;
  }

  private Behavior<Command> onMark(Mark command) {
    looks.start(command.image());
    return this;
  }

  private Behavior<Command> onBecame(Became command) {
    looks.became(command.exec());
    return this;
  }

  private Behavior<Command> onWaits(Waits command) {
    hearAfter(looks.stopped(command.exec()), new LookedAt(command.exec()));
    return this;
  }

  private Behavior<Command> onLookedAt(LookedAt message) {
    if (!source.goOn(message.stopped())) {
      listener.happened(ImageLooks.unmarked(message.stopped(), TOO_LATE));
    }
    return this;
  }

  private Behavior<Command> onRecall(Recall command) {
    source.recall(command.group()).forEach(listener::happened);
    command.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onCatchUp(CatchUp command) {
    reader.caughtUp().thenRun(() -> command.replyTo().tell(Done.getInstance()));
    return this;
  }

  private Behavior<Command> onRecallEnded(RecallEnded command) {
    source.recallEnded(command.group()).forEach(listener::happened);
    command.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onReaderEnded(ReaderEnded message) {
    if (message.reader() == reader) { // else one before the last beginning
      throw new IllegalStateException("kernel events are read no more", message.why());
    }
    return this;
  }

  private Behavior<Command> onStop(Stop command) {
    release();
    if (command.unpin()) {
      source.unpin();
    }
    return Behaviors.stopped(() -> command.replyTo().tell(Done.getInstance()));
  }

  private Behavior<Command> release() {
    if (!released) {
      released = true;
      reader.close();
      looks.close();
      source.close();
    }
    return this;
  }
}
