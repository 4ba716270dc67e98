package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartsSocketTest {
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("orders-0.r1").setStartId("boot:7:1").build();

  @TempDir Path folder;
  private final BlockingQueue<StartsSubscriber> arrived = new LinkedBlockingQueue<>();

  @Test
  void aSubscriberHearsWhatIsKnownThenWhatHappens() throws Exception {
    try (var socket = StartsSocket.open(folder, arrived::add);
        var lines = connect()) {
      socket.add(arrived.take(), List.of(started(), hello()));
      socket.push(listen());
      socket.push(hello());
      socket.push(exited());

      assertThat(lines.readLine())
          .isEqualTo(
              "{\"adopted\":false,\"at_ns\":10,\"event\":\"started\",\"pid\":7,\"pod_uid\":\"orders-0.r1\",\"start\":\"boot:7:1\"}");
      Config ready = ConfigFactory.parseString(lines.readLine());
      assertThat(ready.getString("event")).isEqualTo("listen");
      assertThat(ready.getBoolean("ready")).isTrue();
      assertThat(ready.getInt("port")).isEqualTo(8080);
      assertThat(ConfigFactory.parseString(lines.readLine()).getInt("exit_code")).isEqualTo(3);
    }
  }

  @Test
  void whichContainerItRunsInStandsOnTheStart() throws Exception {
    FromNode inPod =
        started(Container.newBuilder().setId("4f8d").setRuntime("containerd").setPodUid("2d2b"));

    String line = StartLine.of(inPod).orElseThrow();
    String outOfPod = StartLine.of(started(Container.newBuilder().setId("4f8d"))).orElseThrow();

    assertThat(line)
        .contains(
            "\"container\":{\"id\":\"4f8d\",\"pod_uid\":\"2d2b\",\"runtime\":\"containerd\"}");
    assertThat(outOfPod).contains("\"container\":{\"id\":\"4f8d\"}");
  }

  private static FromNode started(Container.Builder in) {
    ProcessStarted said = started().getProcessStarted().toBuilder().setContainer(in).build();
    return FromNode.newBuilder().setProcessStarted(said).build();
  }

  @Test
  void oneWhoLeavesIsForgottenAndTheOthersGoOn() throws Exception {
    try (var socket = StartsSocket.open(folder, arrived::add)) {
      BufferedReader leaving = connect();
      socket.add(arrived.take(), List.of());
      try (var staying = connect()) {
        socket.add(arrived.take(), List.of());
        leaving.close();

        socket.push(started());
        socket.push(listen());

        assertThat(staying.readLine()).contains("started");
        assertThat(staying.readLine()).contains("listen");
      }
    }
  }

  @Test
  void onlyTheFoldersOwnerMayConnectAndAKilledRunsSocketIsReplaced() throws Exception {
    Files.createFile(folder.resolve(StartsSocket.NAME));

    StartsSocket socket = StartsSocket.open(folder, arrived::add);
    assertThat(Files.getPosixFilePermissions(folder.resolve(StartsSocket.NAME)))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    socket.close();

    assertThat(folder.resolve(StartsSocket.NAME)).doesNotExist();
  }

  @Test
  void whatASlowSubscriberMissesIsCountedInItsPlace() throws Exception {
    var stuck = new StuckChannel();
    var subscriber = new StartsSubscriber(stuck);
    subscriber.start(unused -> {});
    subscriber.push("first");
    stuck.writing.await(); // has taken the first line, and hangs
    for (int i = 0; i < StartsSubscriber.WAITING + 3; i++) {
      subscriber.push("line " + i);
    }

    stuck.free.countDown();
    stuck.awaitLines(StartsSubscriber.WAITING + 1);
    subscriber.push("later");

    assertThat(stuck.awaitLines(StartsSubscriber.WAITING + 3))
        .startsWith("first", "line 0")
        .endsWith("{\"count\":3,\"event\":\"lost\"}", "later");
    subscriber.close();
  }

  /** A reader that does not read until it is freed. */
  private static final class StuckChannel implements ByteChannel {
    final CountDownLatch writing = new CountDownLatch(1);
    final CountDownLatch free = new CountDownLatch(1);
    private final StringBuilder written = new StringBuilder();

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      writing.countDown();
      try {
        free.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      synchronized (written) {
        int count = bytes.remaining();
        written.append(StandardCharsets.UTF_8.decode(bytes));
        written.notifyAll();
        return count;
      }
    }

    List<String> awaitLines(int count) throws InterruptedException {
      synchronized (written) {
        while (written.chars().filter(letter -> letter == '\n').count() < count) {
          written.wait();
        }
        return written.toString().lines().toList();
      }
    }

    @Override
    public int read(ByteBuffer bytes) {
      return -1;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      free.countDown();
    }
  }

  private BufferedReader connect() throws IOException {
    var channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(StartsSocket.NAME)));
    return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  private static FromNode started() {
    return FromNode.newBuilder()
        .setProcessStarted(ProcessStarted.newBuilder().setStart(START).setPid(7).setExecNanos(10))
        .build();
  }

  private static FromNode listen() {
    return FromNode.newBuilder()
        .setSignal(
            Signal.newBuilder()
                .setStart(START)
                .setKind(Signal.Kind.LISTEN)
                .setAtNanos(20)
                .setTarget(true)
                .setAddress(Address.newBuilder().setHost("127.101.0.1").setPort(8080)))
        .build();
  }

  private static FromNode exited() {
    return FromNode.newBuilder()
        .setProcessExited(ProcessExited.newBuilder().setStart(START).setExitCode(3))
        .build();
  }

  private static FromNode hello() {
    return FromNode.newBuilder().setHello(Hello.newBuilder().setNode("n")).build();
  }
}
