package dev.thaw.node;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Has told again what was not heard: from the kernel's rows, then from /proc what may have been
 * before or beside them. On the node's thread.
 */
final class Recalling {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Recalls recalls = new Recalls();
  private final ActorContext<NodeActor.Command> context;
  private final NodeParts parts;
  private final Supplier<List<ProcessIndex.Group>> groups;

  /**
   * @param context where each end is told with {@link NodeActor.Recalled}
   * @param groups of all pods
   */
  Recalling(
      ActorContext<NodeActor.Command> context,
      NodeParts parts,
      Supplier<List<ProcessIndex.Group>> groups) {
    this.context = context;
    this.parts = parts;
    this.groups = groups;
  }

  void recall(ProcessIndex.Group group) {
    recalls.begins();
    context.ask(
        Done.class,
        parts.kernel(),
        PATIENCE,
        (ActorRef<Done> replyTo) -> new KernelWatch.Recall(group, replyTo),
        (done, thrown) -> NodeActor.Recalled.INSTANCE);
  }

  /** One was answered, or will not be any more. */
  void recalled() {
    switch (recalls.ended()) {
      case NOTHING -> {}
      case LOOK -> look();
      case RECALL_ALL -> recallAll();
    }
  }

  /** Events were missed. */
  void missed() {
    if (recalls.missed()) {
      recallAll();
    }
  }

  /** Only /proc may know more. */
  void look() {
    parts.looks().tell(ListenerLooks.LookAgain.INSTANCE);
  }

  private void recallAll() {
    groups.get().forEach(this::recall);
  }
}
