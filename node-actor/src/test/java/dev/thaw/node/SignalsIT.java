package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a start's signal, with processes that do more than to listen once. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class SignalsIT {
  /** Listens on the ports in its arguments, then waits. */
  private static final String LISTEN =
      """
      import socket, sys, time
      held = []
      for port in sys.argv[2:]:
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((sys.argv[1], int(port))); s.listen(); held.append(s)
      time.sleep(60)
      """;

  @TempDir Path folder;
  private NodeRig node;
  private String listen;

  @BeforeEach
  void begin() throws Exception {
    listen = Files.writeString(folder.resolve("listen.py"), LISTEN).toString();
    node = new NodeRig(folder);
  }

  @AfterEach
  void end() throws Exception {
    node.close();
  }

  @Test
  void ofSeveralListenersThePolicysPortDecides() throws Exception {
    node.start(python(listen, NodeRig.HOST, "18571", port(), "18572"));

    Signal last = node.signal(signal -> signal.getAddress().getPort() == 18572);

    assertThat(last.getTarget()).isFalse();
    assertThat(node.signals())
        .filteredOn(Signal::getTarget)
        .extracting(signal -> signal.getAddress().getPort())
        .containsExactly(NodeRig.PORT);
  }

  @Test
  void everyExecOfAChainIsToldAndTheListenerIsTheLastOnes() throws Exception {
    String server =
        "use IO::Socket::INET; $s = IO::Socket::INET->new(LocalAddr => q(%s:%s), Listen => 5) or die; sleep 60"
            .formatted(NodeRig.HOST, port());
    node.start("/bin/sh", "-c", "exec /usr/bin/env perl -e '" + server + "'");

    Signal listener = node.signal(Signal.Kind.LISTEN);

    assertThat(node.signals())
        .filteredOn(signal -> signal.getKind() == Signal.Kind.EXEC)
        .extracting(signal -> Path.of(signal.getPath()).getFileName().toString())
        .endsWith("sh", "env", "perl");
    assertThat(node.signals()).extracting(Signal::getPid).containsOnly(listener.getPid());
  }

  @Test
  void aListenThatFailsTakesNothingFromTheOneThatWorks() throws Exception {
    String both =
        """
        import socket, sys, time
        def bound():
          s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
          s.bind((sys.argv[1], int(sys.argv[2]))); return s
        first, second = bound(), bound()
        first.listen()
        try: second.listen()
        except OSError: second.close()
        other = socket.socket(); other.bind((sys.argv[1], 18573)); other.listen()
        time.sleep(60)
        """;
    String script = Files.writeString(folder.resolve("both.py"), both).toString();

    node.start(python(script, NodeRig.HOST, port()));
    node.signal(signal -> signal.getAddress().getPort() == 18573);

    assertThat(node.signals())
        .filteredOn(signal -> signal.getAddress().getPort() == NodeRig.PORT)
        .extracting(Signal::getKind)
        .containsExactly(Signal.Kind.LISTEN);
  }

  @Test
  void aSidecarInThePodIsNoNewStart() throws Exception {
    String pod =
        """
        import subprocess, sys, time
        main = subprocess.Popen(['python3', sys.argv[1], sys.argv[2], sys.argv[3]])
        time.sleep(0.5)
        for port in ('18575', '18576'):
          helper = subprocess.Popen(['python3', sys.argv[1], sys.argv[2], port])
          time.sleep(0.5); helper.kill(); helper.wait()
        time.sleep(60)
        """;
    String script = Files.writeString(folder.resolve("pod.py"), pod).toString();

    StartRef start = node.start(python(script, listen, NodeRig.HOST, port()));
    node.signal(
        signal ->
            signal.getKind() == Signal.Kind.LISTEN_CLOSED
                && signal.getAddress().getPort() == 18576);

    assertThat(node.all()).filteredOn(FromNode::hasProcessStarted).hasSize(1);
    assertThat(node.signals()).extracting(Signal::getStart).containsOnly(start);
    assertThat(node.signals()).filteredOn(Signal::getTarget).hasSize(1);
  }

  @Test
  void whyAGoProgramHasNoMarksStandsOnItsStart() throws Exception {
    String odd =
        """
        __asm__(".pushsection .note.go.buildid,\\"a\\",@note\\n.balign 4\\n.long 4,4,4\\n"
                ".ascii \\"Go\\\\0\\\\0\\"\\n.long 1\\n.popsection");
        int pause(void);
        int main(void) { return pause(); }
        """;
    Path source = Files.writeString(folder.resolve("odd.c"), odd);
    String program = folder.resolve("odd").toString();
    Process cc = new ProcessBuilder("cc", "-o", program, source.toString()).inheritIO().start();
    assertThat(cc.waitFor()).isZero();

    StartRef start = node.start(program);

    Signal told = node.signal(Signal.Kind.UNMARKED);
    assertThat(told.getStart()).isEqualTo(start);
    assertThat(told.getPath()).isEqualTo(program);
    assertThat(told.getWhy()).startsWith("it is a Go program, but it has no table of functions");
  }

  @Test
  void aRestartIsAStartOfItsOwn() throws Exception {
    StartRef first = node.start(python(listen, NodeRig.HOST, port()));
    node.signal(Signal.Kind.LISTEN);
    node.end();

    StartRef second = node.start(python(listen, NodeRig.HOST, port()));

    assertThat(second.getStartId()).isNotEqualTo(first.getStartId());
    assertThat(node.signal(Signal.Kind.LISTEN).getStart()).isEqualTo(second);
  }

  @Test
  void whatAPredecessorHadHeardIsToldAgainWithItsTimes() throws Exception {
    node.start(python(listen, NodeRig.HOST, port()));
    Signal before = node.signal(Signal.Kind.LISTEN);
    node.leave();

    node.adopt();

    assertThat(node.signal(Signal.Kind.LISTEN)).isEqualTo(before);
  }

  private static String[] python(String... words) {
    var command = new String[words.length + 2];
    command[0] = "/usr/bin/env";
    command[1] = "python3";
    System.arraycopy(words, 0, command, 2, words.length);
    return command;
  }

  private static String port() {
    return Integer.toString(NodeRig.PORT);
  }
}
