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
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartsSocketTest {
  private static final StartRef START =
      StartRef.newBuilder().setPodUid("orders-0.r1").setStartId("boot:7:1").build();

  private static final StartsSettings SETTINGS = new StartsSettings(64, 16);

  @TempDir Path folder;
  private final BlockingQueue<StartsSocket.Arrival> arrived = new LinkedBlockingQueue<>();
  private StartsSocket socket;

  @BeforeEach
  void open() throws Exception {
    socket = StartsSocket.open(path(), SETTINGS, arrived::add);
  }

  @AfterEach
  void close() {
    socket.close();
  }

  @Test
  void aSubscriberHearsWhatIsKnownThenWhatHappens() throws Exception {
    try (var lines = connect()) {
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
  void whatIsKnownOfManyStartsIsToldWhole() throws Exception {
    try (var lines = connect()) {
      socket.add(arrived.take(), Collections.nCopies(2000, started()));
      socket.push(listen());

      for (int i = 0; i < 2000; i++) {
        assertThat(lines.readLine()).contains("\"started\"");
      }
      assertThat(lines.readLine()).contains("\"listen\"");
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
  void oneWhoLeavesIsForgottenThoughNothingHappensAndTheOthersGoOn() throws Exception {
    try (var staying = connect()) {
      socket.add(arrived.take(), List.of());
      for (int i = 0; i < 2 * SETTINGS.subscribers(); i++) {
        BufferedReader leaving = connect();
        socket.add(arrived.take(), List.of(started()));
        assertThat(leaving.readLine()).contains("started");
        leaving.close();
        while (socket.present() > 1) {
          Thread.onSpinWait(); // his leaving is on its way
        }
      }

      socket.push(listen());

      assertThat(staying.readLine()).contains("listen");
    }
  }

  @Test
  void oneUserLeavesRoomForOthers() throws Exception {
    var mine = new ArrayList<BufferedReader>();
    for (int i = 0; i < SETTINGS.ofOneUser(); i++) {
      mine.add(connect());
      socket.add(arrived.take(), List.of());
    }

    assertThat(connect().readLine()).as("one too many is sent away").isNull();

    for (BufferedReader each : mine) {
      each.close();
    }
  }

  /** Each arrival costs the node all it knows. */
  @Test
  void thoseWhoComeAndGoWithoutEndAreLetInByRoundsAndTheOthersHearAllTheSame() throws Exception {
    try (var staying = connect()) {
      socket.add(arrived.take(), List.of());
      var flooding = new AtomicBoolean(true);
      var flood =
          CompletableFuture.runAsync(
              () -> {
                while (flooding.get()) {
                  try {
                    connect().close();
                  } catch (IOException e) {
                    Thread.onSpinWait(); // as many as fit are waiting
                  }
                }
              });
      long began = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertThat(arrived.poll(10, TimeUnit.SECONDS)).as("an arrival").isNotNull();
        socket.push(listen());
        assertThat(staying.readLine()).contains("listen");
      }
      while (arrived.size() < 3 * StartsDoor.AT_ONCE) {
        Thread.onSpinWait();
      }
      long took = System.nanoTime() - began;
      flooding.set(false);

      assertThat(took).isGreaterThan(Duration.ofMillis(150).toNanos());
      flood.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void everybodyMayConnectAndAKilledRunsSocketIsReplaced() throws Exception {
    try (var second = StartsSocket.open(path(), SETTINGS, arrived::add)) {
      assertThat(Files.getPosixFilePermissions(path()))
          .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
      try (var lines = connect()) {
        second.add(arrived.take(), List.of(started()));
        assertThat(lines.readLine()).contains("started");
      }
    }

    assertThat(path()).doesNotExist();
  }

  @Test
  void whoIsThereWhenItEndsIsSentAway() throws Exception {
    try (var lines = connect()) {
      socket.add(arrived.take(), List.of());

      socket.close();

      assertThat(lines.readLine()).isNull();
    }
  }

  @Test
  void whatASlowSubscriberMissesIsCountedInItsPlace() {
    var subscriber = new StartsSubscriber(List.of("known"));
    for (int i = 0; i < StartsSubscriber.WAITING + 3; i++) {
      subscriber.push("line " + i);
    }

    List<String> read = readAll(subscriber);
    subscriber.push("later");

    assertThat(read).hasSize(1 + StartsSubscriber.WAITING).startsWith("known", "line 0");
    assertThat(readAll(subscriber)).containsExactly("{\"count\":3,\"event\":\"lost\"}", "later");
  }

  private static List<String> readAll(StartsSubscriber subscriber) {
    var lines = new ArrayList<String>();
    for (ByteBuffer next = subscriber.next(); next.hasRemaining(); next = subscriber.next()) {
      lines.add(StandardCharsets.UTF_8.decode(next).toString().strip());
    }
    return lines;
  }

  private Path path() {
    return folder.resolve("run").resolve(StartsSocket.NAME);
  }

  private BufferedReader connect() throws IOException {
    var channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
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
