package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.BpfSupport;
import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Report;
import dev.thaw.protocol.v1.ToNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole node on a machine that allows it nothing. */
class NodeActorTest {
  @TempDir Path folder;
  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<FromNode> heard = kit.createTestProbe(FromNode.class);
  private final AtomicBoolean torn = new AtomicBoolean();

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  @Test
  void anOrderThatFailsIsSaidAndTheNextIsCarriedOut() {
    var node = spawn();
    assertThat(heard.receiveMessage().getHello().getMissingList()).contains("no rights");
    var report = new NodeActor.Ordered(ToNode.newBuilder().setReport(Report.newBuilder()).build());

    torn.set(true);
    node.tell(report);
    node.tell(report);

    assertThat(heard.receiveMessage().getDegraded().getWhy()).isEqualTo("the link is torn");
    assertThat(heard.receiveMessage().hasHello()).isTrue();
    stop(node);
  }

  /** A thread and a descriptor each time. */
  @Test
  void aNodeThatCannotBeginLeavesNoSocketOpen() {
    torn.set(true);

    var node = spawn();

    assertThat(heard.receiveMessage().getDegraded().getWhy()).isEqualTo("the link is torn");
    assertThat(heard.receiveMessage().hasHello()).isTrue();
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().equals("thaw-starts-socket"))
        .hasSize(1);
    assertThat(folder.resolve(StartsSocket.NAME)).exists();
    stop(node);
  }

  private ActorRef<NodeActor.Command> spawn() {
    var nothing =
        new BpfSupport(
            false, false, false, Optional.empty(), Optional.empty(), List.of("no rights"));
    var settings = new NodeSettings("test", folder, folder, Optional.empty(), PodFolder.PARENT);
    return kit.spawn(NodeActor.create(settings, link(), nothing));
  }

  private void stop(ActorRef<NodeActor.Command> node) {
    TestProbe<Done> done = kit.createTestProbe(Done.class);
    node.tell(new NodeActor.Stop(false, done.ref()));
    done.receiveMessage(Duration.ofSeconds(10));
  }

  /** Fails once when it is torn. */
  private NodeLink<FromNode, ToNode> link() {
    return new NodeLink<>() {
      @Override
      public void send(FromNode message) {
        if (torn.getAndSet(false)) {
          throw new IllegalStateException("the link is torn");
        }
        if (!message.hasPressureReport()) {
          heard.ref().tell(message);
        }
      }

      @Override
      public void listen(Consumer<ToNode> listener) {}

      @Override
      public void close() {}
    };
  }
}
