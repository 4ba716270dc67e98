package dev.thaw.app;

import static dev.thaw.app.Victim.PORT;
import static dev.thaw.app.Victim.pod;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Programs that cannot listen, and live on: nobody else's answer makes them ready. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class FailedListenIT {
  /** Does what its first argument says, with its address told in a file; waits where it must. */
  private static final String PROGRAM =
      """
      import os, socket, sys, time
      how, addr, port, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
      def wait():
        open(folder + '/address.new', 'w').write(addr)
        os.rename(folder + '/address.new', folder + '/address')
        while not os.path.exists(folder + '/go'): time.sleep(0.01)
      def bound():
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((addr, port)); return s
      try:
        if how == 'alone':
          s, other = bound(), bound()
          other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
          s.listen()
        if how == 'beside':
          s = bound(); wait(); s.listen()
        if how == 'late':
          if not os.path.exists(folder + '/go'): wait(); sys.exit(1)
          s = bound(); s.listen()
      except OSError as e:
        print('cannot listen:', e, flush=True)
      time.sleep(600)
      """;

  @TempDir Path folder;
  private Victim victim;
  private Path program;

  @BeforeEach
  void files() throws Exception {
    victim = new Victim(folder).policy("startDeadline: 3s");
    program = Files.writeString(folder.resolve("program.py"), PROGRAM);
  }

  @Test
  void aListenThatFailsIsNoListenerAndIsTheReasonOfItsEjection() throws Exception {
    try (Run run = run("alone")) {
      JsonNode listen = run.await("listen", pod(0));
      assertThat(run.await("listen_closed", pod(0)).path("address"))
          .isEqualTo(listen.path("address"));

      JsonNode ejected = run.await("ejected", pod(0));

      assertThat(ejected.path("reason").asText()).isEqualTo("NeverServed");
      assertThat(ejected.path("detail").asText())
          .startsWith("it listens on " + listen.path("address").asText() + ":" + PORT + " no more")
          .contains("its listen failed");
      assertThat(victim.thaw("why", pod(0)).said()).contains("listen_closed", "its listen failed");
      assertThat(Files.readString(victim.state.resolve("logs").resolve(pod(0) + ".log")))
          .contains("cannot listen");
    }
  }

  @Test
  void whenAnotherAnswersWhereItsListenFailedItIsNotTakenForReady() throws Exception {
    try (Run run = run("beside")) {
      HttpServer another = answerAt(addressTold());
      Files.createFile(folder.resolve("go"));
      run.await("listen_closed", pod(0));

      JsonNode ejected = run.await("ejected", pod(0));

      assertThat(ejected.path("detail").asText()).contains("no more", "its listen failed");
      assertThat(run.seen("confirmed")).isEmpty();
      assertThat(run.seen("full")).isEmpty();
      assertThat(victim.pod(pod(0)).path("weight").asInt()).isZero();
      another.stop(0);
    }
  }

  @Test
  void whoOwnsThePortOfAReplicaThatCannotListenIsNamed() throws Exception {
    try (Run run = run("late")) {
      HttpServer another = answerAt(addressTold());
      Files.createFile(folder.resolve("go"));
      run.await("restarted", pod(0));

      JsonNode ejected =
          run.await(e -> e.path("reason").asText().equals("NeverServed"), "NeverServed");

      assertThat(ejected.path("detail").asText())
          .startsWith("it never listened on port " + PORT)
          .contains("process " + ProcessHandle.current().pid() + " (")
          .endsWith("listened there before it was started");
      assertThat(run.seen("listen")).isEmpty();
      assertThat(run.seen("confirmed")).isEmpty();
      another.stop(0);
    }
  }

  private String addressTold() throws Exception {
    Path told = folder.resolve("address");
    for (int tries = 3000; !Files.exists(told) && tries > 0; tries--) {
      Thread.sleep(10);
    }
    return Files.readString(told);
  }

  private static HttpServer answerAt(String address) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, PORT), 16);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Run run(String how) throws Exception {
    var words = new ArrayList<>(victim.words(1, "--restart", "on-failure"));
    words.subList(words.indexOf("--") + 1, words.size()).clear();
    words.addAll(List.of("/usr/bin/python3", program.toString(), how, "{addr}", "{port}"));
    words.add(folder.toString());
    return Run.start(folder, words.toArray(String[]::new));
  }
}
