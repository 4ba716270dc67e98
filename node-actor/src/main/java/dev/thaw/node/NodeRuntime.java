package dev.thaw.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ToNode;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** A node with its own small actor system, for whoever runs one in his process. */
public final class NodeRuntime {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

  private final ActorSystem<NodeActor.Command> system;

  private NodeRuntime(ActorSystem<NodeActor.Command> system) {
    this.system = system;
  }

  /** What stays when a node stops. */
  public enum StopMode {
    /** Nothing: balancing ends, pins and control groups go. */
    CLEAN,
    /** Everything: the kernel goes on balancing, processes run on, a successor can adopt them. */
    KEEP
  }

  /**
   * Looks at what {@code thaw.node} in reference.conf says, with what system properties override.
   *
   * @throws IllegalArgumentException a sentence with key, value and what is accepted
   */
  public static void checkSettings() {
    checked();
  }

  private static Config checked() {
    Config config = ConfigFactory.load("thaw-node");
    LooksSettings.from(config);
    PressureSettings.from(config);
    StartsSettings.from(config);
    return config;
  }

  /**
   * Starts it; what the machine does not allow is told in the first message over the link.
   *
   * @throws IllegalArgumentException as for {@link #checkSettings}
   */
  public static NodeRuntime start(NodeSettings settings, NodeLink<FromNode, ToNode> link) {
    Config config = checked();
    return new NodeRuntime(
        ActorSystem.create(
            NodeActor.create(settings, link, BpfSupport.check(settings.cover())),
            "thaw-node",
            config));
  }

  /** Complete when its actor system has ended, whoever wanted that. */
  public CompletionStage<Done> whenEnded() {
    return system.getWhenTerminated();
  }

  /** Ends it; complete when everything is released and its actor system has ended. */
  public CompletionStage<Done> stop(StopMode mode) {
    return AskPattern.<NodeActor.Command, Done>ask(
            system,
            replyTo -> new NodeActor.Stop(mode == StopMode.CLEAN, replyTo),
            STOP_PATIENCE,
            system.scheduler())
        .thenCompose(
            released -> {
              system.terminate();
              return system.getWhenTerminated();
            });
  }
}
