package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of a node between the ring, out of which it has taken a start's signals, and the
 * coordinator, whom it has told none of them.
 */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class UntoldSignalsIT {
  private static final int CLOSED = NodeRig.PORT + 1;
  private static final int OTHER = NodeRig.PORT + 2;

  /**
   * Becomes itself once, then listens on three ports, closes the second and serves on the first.
   */
  private static final String PROGRAM =
      """
      package main

      import (
      	"net"
      	"net/http"
      	"os"
      	"syscall"
      )

      func main() {
      	if os.Args[1] == "again" {
      		panic(syscall.Exec(os.Args[0], append(os.Args[:1], os.Args[2:]...), os.Environ()))
      	}
      	var listeners []net.Listener
      	for _, port := range os.Args[3:] {
      		listener, err := net.Listen("tcp", net.JoinHostPort(os.Args[2], port))
      		if err != nil {
      			panic(err)
      		}
      		listeners = append(listeners, listener)
      	}
      	listeners[1].Close()
      	os.WriteFile(os.Args[1], nil, 0600)
      	panic(http.Serve(listeners[0], nil))
      }
      """;

  @TempDir Path folder;
  private Path program;
  private Path up;
  private NodeRig node;

  @BeforeEach
  void begin() throws Exception {
    program = build();
    up = folder.resolve("up");
    node = new NodeRig(folder);
    node.leave();
  }

  @AfterEach
  void end() throws Exception {
    node.close();
  }

  @Test
  void everySignalOfTheLivingProcessIsToldByTheSuccessor() throws Exception {
    killedWithItsSignalsUntold();

    node.adopt();

    ProcessStarted started = node.heard(FromNode::hasProcessStarted).getProcessStarted();
    Signal serve = told(signal -> signal.getKind() == Signal.Kind.SERVE);
    Signal last = told(signal -> signal.getAddress().getPort() == OTHER);
    Signal first = told(signal -> signal.getAddress().getPort() == NodeRig.PORT);
    assertThat(started.getAdopted()).isTrue();
    assertThat(node.signals()).extracting(Signal::getStart).containsOnly(started.getStart());
    assertThat(node.signals())
        .as("of its chain of execs the last, whose marks stand behind it, once each")
        .extracting(Signal::getKind)
        .containsSubsequence(
            Signal.Kind.EXEC, Signal.Kind.RUNTIME_MAIN, Signal.Kind.MAIN_MAIN, Signal.Kind.SERVE)
        .filteredOn(kind -> kind != Signal.Kind.LISTEN)
        .hasSize(4);
    assertThat(serve.getServer()).isEqualTo("net/http");
    assertThat(last.getPid()).as("of its last listener the kernel's word").isNotZero();
    assertThat(first.getObservedByProc()).as("of an earlier one what stands in /proc").isTrue();
    assertThat(first.getTarget()).isTrue();
    assertThat(node.signals())
        .as("of one that is closed nothing")
        .noneMatch(signal -> signal.getAddress().getPort() == CLOSED);
  }

  private Signal told(Predicate<Signal> wanted) throws InterruptedException {
    return node.heard(message -> message.hasSignal() && wanted.test(message.getSignal()))
        .getSignal();
  }

  private void killedWithItsSignalsUntold() throws Exception {
    Process agent = agent();
    try {
      String line = "";
      try (BufferedReader said = agent.inputReader()) {
        while (line != null && !line.equals(DeafAgent.HELD_UP)) {
          line = said.readLine();
        }
        assertThat(line).isNotNull();
        for (int tries = 500; !Files.exists(up) && tries > 0; tries--) {
          Thread.sleep(20);
        }
        assertThat(up).exists();
      }
    } finally {
      agent.destroyForcibly().waitFor();
    }
    try (var watch = StartupWatch.open(new Pins(Path.of("/sys/fs/bpf", NodeRig.NAME, "startup")))) {
      // What its reader may not yet have come to.
      while (watch.read(Duration.ofMillis(200), event -> {}) > 0) {
        continue;
      }
    }
  }

  private Process agent() throws IOException {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-D" + NodeRig.NAME_KEY + "=" + NodeRig.NAME);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), DeafAgent.class.getName()));
    words.addAll(List.of(folder.toString(), program.toString(), "again", up.toString()));
    words.add(NodeRig.HOST);
    words.addAll(List.of("" + NodeRig.PORT, "" + CLOSED, "" + OTHER));
    return new ProcessBuilder(words).redirectErrorStream(true).start();
  }

  private Path build() throws Exception {
    Path source = Files.createDirectories(folder.resolve("program-source"));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), PROGRAM);
    Path built = folder.resolve("program");
    var go =
        new ProcessBuilder("go", "build", "-o", built.toString(), ".")
            .directory(source.toFile())
            .inheritIO();
    go.environment().putIfAbsent("HOME", folder.toString());
    go.environment().put("CGO_ENABLED", "0");
    assertThat(go.start().waitFor()).isZero();
    return built;
  }
}
