package dev.thaw.node;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the node told what the kernel says of a process before it is told that the process has ended.
 * A watch that does not answer holds up no end for long. Any thread.
 */
record KernelsWord(ActorRef<KernelWatch.Command> kernel, ActorSystem<?> system) {
  private static final Logger LOG = LoggerFactory.getLogger(KernelsWord.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Complete when the node has been told all that the kernel has said of anybody until now. */
  CompletionStage<Done> heard() {
    return asked(KernelWatch.CatchUp::new);
  }

  /** Complete when it has also been told what the kernel remembers of this group's dead. */
  CompletionStage<Done> remembered(ProcessIndex.Group group) {
    return heard()
        .thenCompose(heard -> asked(replyTo -> new KernelWatch.RecallEnded(group, replyTo)));
  }

  private CompletionStage<Done> asked(Function<ActorRef<Done>, KernelWatch.Command> question) {
    CompletionStage<Done> answer =
        AskPattern.ask(kernel, question::apply, PATIENCE, system.scheduler());
    return answer.exceptionallyCompose(
        thrown -> {
          LOG.warn("the kernel's word on an end is missing why={}", thrown.toString());
          return CompletableFuture.completedStage(Done.getInstance());
        });
  }
}
