package dev.thaw.app.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.app.NeedsKernel;
import dev.thaw.app.trace.Thaw.Ended;
import dev.thaw.app.trace.Thaw.Told;
import dev.thaw.app.trace.client.Wish;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Commands that serve badly, and places where a trace cannot write. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class TraceOfFailuresIT {
  /** Answers its first few requests with 200; what comes then is the argument. */
  private static final String SERVER =
      """
      import http.server, os, sys
      n = 0
      class Handler(http.server.BaseHTTPRequestHandler):
          protocol_version = 'HTTP/1.1'
          def log_message(self, *words): pass
          def do_GET(self):
              global n
              n += 1
              if n > 5 and sys.argv[1] == 'dies': os._exit(9)
              self.send_response(500 if n > 5 and sys.argv[1] == 'fails' else 200)
              self.send_header('Content-Length', '0')
              self.end_headers()
      server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
      if sys.argv[1] == 'writes':
          for i in range(300): print('x' * 1000000)
          sys.stdout.flush()
      server.serve_forever()
      """;

  @TempDir Path folder;

  @Test
  void errorsMakeNoPlateauAndAreCounted() throws Exception {
    Ended ended = Thaw.trace(folder).with("--requests", "60").of(python("fails")).with(1);

    assertThat(ended.said()).contains("55 of 59 requests answered 500");
    assertThat(Told.in(folder).steps()).doesNotContain("plateau");
  }

  @Test
  void whoDiesWhileHeIsAskedIsToldWithHisExitCode() throws Exception {
    assertThat(Thaw.trace(folder).of(python("dies")).with(1).said())
        .contains("It did not go on serving")
        .contains("the command ended with 9");
  }

  @Test
  void whoListensInANetworkOfHisOwnIsToldSo() throws Exception {
    String own =
        "ip link set lo up; exec python3 -m http.server --bind 127.0.0.1 18714 2> /dev/null";

    Ended ended =
        Thaw.trace(folder).with("--deadline", "2").of("unshare", "-n", "sh", "-c", own).with(1);

    assertThat(ended.said())
        .contains("127.0.0.1:18714 refused every connection within 2 s")
        .contains("it has a network namespace of its own");
  }

  /** In lines of a megabyte, as in one of 300 MB: the heap has 128 MB. */
  @Test
  void whatACommandWritesIsNotKeptInTheHeap() throws Exception {
    Thaw.trace(folder).with("--requests", "5").of(python("writes")).with(0);
    Ended oneLine =
        Thaw.trace(folder).of("sh", "-c", "head -c 300000000 /dev/zero | tr '\\0' x; exit 1");

    assertThat(oneLine.with(1).said()).contains("the command ended with 1 before it listened");
  }

  @Test
  void aFullDiskKeepsNothingCutAndTheResultIsTold() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder.toString());
    try {
      Ended ended = Thaw.trace(folder).with("--requests", "5").of(python("serves")).with(1);

      assertThat(ended.said())
          .contains("From exec to the first 200 it took")
          .contains("thaw: " + folder.resolve("start."))
          .contains("No space left on device");
      try (var files = Files.list(folder)) {
        assertThat(files).noneMatch(file -> file.toString().endsWith(".new"));
      }
      assertThat(folder.resolve("start.html")).doesNotExist();
    } finally {
      run("umount", folder.toString());
    }
  }

  @Test
  void anErrorOfOurOwnEndsTheCommandToo() throws Exception {
    var runner =
        new StartRunner(
            BpfSupport.check(Optional.empty()),
            said -> {
              throw new OutOfMemoryError(said);
            });

    assertThatThrownBy(() -> runner.run(asksForNothing())).isInstanceOf(OutOfMemoryError.class);

    String own = DeadTraces.name(ProcessHandle.current().pid(), 0).replaceAll("0$", "");
    assertThat(Cgroup.named(CgroupLayout.detect(), own)).isEmpty();
  }

  private TraceSettings asksForNothing() {
    return new TraceSettings(
        List.of("/usr/bin/env", "python3", "-m", "http.server", "--bind", "127.0.0.1", "18715"),
        Map.of(),
        OptionalInt.empty(),
        Wish.ANY,
        "/nothing",
        "localhost",
        Optional.empty(),
        OptionalLong.empty(),
        Duration.ofSeconds(30),
        99,
        5,
        TraceSettings.Records.NEVER,
        folder);
  }

  private static Object[] python(String manner) {
    return new Object[] {"python3", "-c", SERVER, manner};
  }

  private static void run(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }
}
