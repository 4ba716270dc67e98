package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import java.io.BufferedReader;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A start in a real control group of the shape a container runtime makes: the group whose ids the
 * kernel's events carry says which container it is.
 */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class ContainerIT {
  /** Above them all: a node that is a container, or a slice, itself. */
  private static final Path ROOT = Path.of("thaw-test-node-" + ProcessHandle.current().pid());

  private static final String UID = "2d2b0b1c-3f0e-4c57-9a7e-6b1f0a9c4d21";
  private static final String ID = "4f8d0c2b6a1e9375".repeat(4);

  @TempDir Path folder;

  @AfterEach
  void removeGroups() throws Exception {
    CgroupLayout layout = CgroupLayout.detect();
    for (Path hierarchy :
        Stream.concat(layout.unified().stream(), layout.v1Cpu().stream()).toList()) {
      if (Files.exists(hierarchy.resolve(ROOT))) {
        try (Stream<Path> all = Files.walk(hierarchy.resolve(ROOT))) {
          List<Path> innermostFirst =
              all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList();
          for (Path group : innermostFirst) {
            Files.delete(group);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "containerd, true, kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
    "cri-o, true, kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-ID.scope",
    "docker, true, kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podSLICE.slice/docker-ID.scope",
    "'', true, kubepods/burstable/podUID/ID",
    "cri-o, true, kubepods/burstable/podUID/crio-ID",
    "containerd, true, system.slice/containerd.service/kubepods-burstable-podSLICE.slice:cri-containerd:ID",
    "docker, false, system.slice/docker-ID.scope",
    "docker, false, docker/ID",
    "'', true, kubepods/burstable/podUID/ID/thaw/orders/orders-0"
  })
  void aStartNamesItsContainer(String runtime, boolean inPod, String shape) throws Exception {
    String group =
        shape.replace("SLICE", UID.replace('-', '_')).replace("UID", UID).replace("ID", ID);
    var node = new NodeRig(folder, FirstStart.MISS, ROOT.resolve(group));
    try (var starts = subscribe()) {
      node.start("/bin/sh", "-c", "exec sleep 60");

      Container told = node.heard(FromNode::hasProcessStarted).getProcessStarted().getContainer();
      assertThat(told.getId()).isEqualTo(ID);
      assertThat(told.getRuntime()).isEqualTo(runtime);
      assertThat(told.getPodUid()).isEqualTo(inPod ? UID : "");
      assertThat(node.signal(Signal.Kind.EXEC).getPath()).as("its group is watched").endsWith("sh");
      Config pushed = ConfigFactory.parseString(starts.readLine());
      assertThat(pushed.getString("event")).isEqualTo("started");
      assertThat(pushed.getString("container.id")).isEqualTo(ID);
    } finally {
      node.close();
    }
  }

  private BufferedReader subscribe() throws Exception {
    Path socket = folder.resolve(StartsSocket.NAME);
    for (int tries = 500; !Files.exists(socket) && tries > 0; tries--) {
      Thread.sleep(10);
    }
    var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }
}
