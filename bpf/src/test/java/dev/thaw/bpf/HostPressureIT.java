package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import dev.thaw.bpf.os.Stalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's own figures: what a test makes it send again, write and wait for. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class HostPressureIT {
  private static final Duration LONGEST = Duration.ofSeconds(20);

  @TempDir Path folder;

  @Test
  void aSegmentSentAgainCountsForTheGroupOfItsSocket() throws Exception {
    Cgroup group =
        Cgroup.of(CgroupLayout.detect(), "thaw-test-pressure-" + ProcessHandle.current().pid())
            .create();
    try (var pressure = HostPressure.open();
        var deaf = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Process client = clients(deaf.getLocalPort(), group);
      try {
        await(() -> pressure.read().byGroup().getOrDefault(group.unifiedId(), 0L) > 0);

        HostPressure.Reading reading = pressure.read();
        assertThat(reading.retransmits().orElseThrow())
            .isGreaterThanOrEqualTo(reading.byGroup().get(group.unifiedId()));
        assertThat(Stalls.ofGroup(group.unifiedFolder().orElseThrow()))
            .containsKeys(Stalls.Resource.values());
      } finally {
        client.destroyForcibly();
        client.waitFor();
      }
    } finally {
      await(group::delete);
    }
  }

  /** Nobody accepts: once the queue is full the kernel drops, and the clients' side sends again. */
  private Process clients(int port, Cgroup group) throws Exception {
    String script =
        """
        import socket, time
        held = []
        for i in range(8):
          s = socket.socket(); s.setblocking(False); s.connect_ex(('127.0.0.1', %d)); held.append(s)
        time.sleep(60)
        """
            .formatted(port);
    return Spawner.start(
        new Spawner.Command(
            List.of("python3", "-c", script),
            Map.of(),
            folder,
            folder.resolve("log"),
            Optional.of(group)));
  }

  @Test
  void aKernelWithoutOneSubjectStillCountsTheOther() {
    try (var pressure = HostPressure.open(() -> without("tp_btf/block_rq_issue"))) {
      assertThat(pressure.read().retransmits()).isPresent();
      assertThat(pressure.read().blockRequests()).isEmpty();
      assertThat(pressure.missing())
          .singleElement()
          .asString()
          .startsWith("how long block devices take is not counted: ")
          .doesNotContain("\n");
    }
    try (var pressure = HostPressure.open(() -> without("tp_btf/tcp_retransmit_skb"))) {
      assertThat(pressure.read().retransmits()).isEmpty();
      assertThat(pressure.read().blockRequests()).hasSize(HostPressure.LATENCY_SLOTS);
      assertThat(pressure.missing())
          .singleElement()
          .asString()
          .startsWith("segments sent again is not counted: ");
    }
  }

  @Test
  void aKernelThatRefusesEverySubjectIsAFailure() {
    assertThatThrownBy(
            () ->
                HostPressure.open(
                    () -> without("tp_btf/block_rq_issue", "tp_btf/tcp_retransmit_skb")))
        .isInstanceOf(BpfException.class);
  }

  /** Our programs as a kernel sees them that does not know these tracepoints. */
  private static BpfObject without(String... tracepoints) {
    try (var stream = HostPressure.class.getResourceAsStream("pressure.bpf.o")) {
      String bytes = new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
      for (String tracepoint : tracepoints) {
        bytes = bytes.replace(tracepoint, tracepoint.substring(0, tracepoint.length() - 1) + "_");
      }
      return BpfObject.of("pressure.bpf.o", bytes.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aWrittenBlockCountsByHowLongItsDeviceTook() throws Exception {
    Path file = Path.of("target", "block-" + ProcessHandle.current().pid());
    try (var pressure = HostPressure.open();
        var channel =
            FileChannel.open(
                Files.createFile(file).toAbsolutePath(),
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE)) {
      await(
          () -> {
            write(channel);
            return pressure.read().blockRequests().stream().mapToLong(Long::longValue).sum() > 0;
          });
    }
  }

  private static void write(FileChannel channel) {
    try {
      channel.write(ByteBuffer.allocate(8192));
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(BooleanSupplier met) throws InterruptedException {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!met.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it never came to that").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }
}
