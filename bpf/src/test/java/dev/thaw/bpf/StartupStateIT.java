package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pinned rows, read by programs that know nothing of us: those of {@code examples}. */
class StartupStateIT extends WithWatch {
  private static final Path EXAMPLES = Path.of("../examples/startup-state").toAbsolutePath();

  @Test
  void readersInCAndGoFollowAStartWithAndWithoutTheAgent() throws Exception {
    Path inC = folder.resolve("read-c");
    run(
        EXAMPLES,
        List.of(
            "cc",
            "-Wall",
            "-Werror",
            "-I",
            Path.of("src/main/c").toAbsolutePath().toString(),
            EXAMPLES.resolve("c/read.c").toString(),
            "-lbpf",
            "-o",
            inC.toString()));
    Path inGo = folder.resolve("read-go");
    run(EXAMPLES.resolve("go"), List.of("go", "build", "-o", inGo.toString(), "."));

    Process server = server();
    watch.read(Duration.ofSeconds(5), event -> {});
    String line = lineOf(inC, server.pid());
    assertThat(lineOf(inGo, server.pid())).isEqualTo(line);
    assertThat(line).contains("port 18479 exited 0").doesNotContain("_ns 0 ");

    watch.close(); // nobody lives, and the kernel goes on
    server.destroyForcibly().waitFor();
    assertThat(lineOf(inC, server.pid())).isEqualTo(line.replace("exited 0", "exited 1"));

    watch = StartupWatch.open(pins);
    assertThat(lineOf(inGo, server.pid())).isEqualTo(line.replace("exited 0", "exited 1"));
  }

  /** The row has one address, the last one's, and one time, the first one's: so its page says. */
  @Test
  void ofSeveralListenersTheLastIsRecalledWithTheTimeOfTheFirst() throws Exception {
    Process server =
        perl(
            "for my $port (18479, 18480) {"
                + " push @s, IO::Socket::INET->new(LocalAddr => '127.0.0.9:' . $port, Listen => 5)"
                + " or die }");
    var told = new ArrayList<KernelEvent.Listen>();
    while (told.size() < 2) {
      watch.read(
          Duration.ofSeconds(5),
          event -> {
            if (event instanceof KernelEvent.Listen listen) {
              told.add(listen);
            }
          });
    }

    assertThat(watch.recall(cgroup.unifiedId(), cgroup.v1Id()))
        .filteredOn(KernelEvent.Listen.class::isInstance)
        .singleElement()
        .satisfies(
            recalled -> {
              assertThat(((KernelEvent.Listen) recalled).address())
                  .isEqualTo(told.get(1).address());
              assertThat(recalled.atNanos()).isEqualTo(told.get(0).atNanos());
            });
    server.destroyForcibly().waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"c/read.c", "go/main.go"})
  void aReaderIsTwentyLinesOfCode(String reader) throws Exception {
    try (Stream<String> lines = Files.lines(EXAMPLES.resolve(reader))) {
      assertThat(lines.filter(line -> !line.isBlank() && !line.startsWith("//")))
          .hasSizeLessThanOrEqualTo(20);
    }
  }

  /** The map holds 4096 rows. */
  @Test
  void shortChildrenDoNotPushOutTheRowOfTheirServer() throws Exception {
    Process server =
        perl(
            "$s = IO::Socket::INET->new(LocalAddr => '127.0.0.9:18479', Listen => 5) or die;"
                + " for (1..4500) { my $p = fork; POSIX::_exit(0) unless $p; waitpid $p, 0 }"
                + " system('/bin/true') for (1..20);");

    assertThat(watch.recall(cgroup.unifiedId(), cgroup.v1Id()))
        .filteredOn(KernelEvent.Listen.class::isInstance)
        .extracting(KernelEvent::pid)
        .containsExactly((int) server.pid());
    try (var rows = BpfMap.pinned(pins, "startup_state", 16, 128)) {
      assertThat(rows.keys()).hasSizeLessThan(10);
    }
    server.destroyForcibly().waitFor();
  }

  /** A process ends before its sockets close. */
  @Test
  void ofAServerThatHasEndedTheRowTellsItsWholeLife() throws Exception {
    Process server = server();
    assertThat(watch.recallEnded(cgroup.unifiedId(), cgroup.v1Id())).isEmpty();

    server.destroyForcibly().waitFor();

    assertThat(watch.recall(cgroup.unifiedId(), cgroup.v1Id())).isEmpty();
    assertThat(watch.recallEnded(cgroup.unifiedId(), cgroup.v1Id()))
        .allMatch(event -> event.pid() == server.pid())
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly("Exec", "Listen", "Exit", "ListenClosed");
  }

  @Test
  void readersRefuseWhatIsNotOfTheirVersion() throws Exception {
    Path inGo = folder.resolve("read-go");
    run(EXAMPLES.resolve("go"), List.of("go", "build", "-o", inGo.toString(), "."));
    watch.close();
    try (var header = BpfMap.pinned(pins, "startup_header", 4, 32)) {
      header.put(BpfMap.key(0), BpfMap.buffer(32).putInt(0, 77));
    }

    Process reader =
        new ProcessBuilder(inGo.toString(), pins.folder().toString())
            .redirectErrorStream(true)
            .start();

    assertThat(new String(reader.getInputStream().readAllBytes())).contains("of version 77");
    pins.removeAll();
    watch = StartupWatch.open(pins);
  }

  /** Has listened when this returns. */
  private Process server() throws Exception {
    return perl("$s = IO::Socket::INET->new(LocalAddr => '127.0.0.9:18479', Listen => 5) or die;");
  }

  /** A process that has done so much in Perl when this returns, and then waits to be killed. */
  private Process perl(String script) throws Exception {
    Path ready = folder.resolve("ready");
    Process process =
        start(
            "perl",
            "-MIO::Socket::INET",
            "-MPOSIX",
            "-e",
            script + " open(F, '>', $ARGV[0]); close(F); sleep 60",
            ready.toString());
    for (int i = 0; i < 6000 && !ready.toFile().exists(); i++) {
      Thread.sleep(10);
    }
    return process;
  }

  private String lineOf(Path reader, long pid) throws Exception {
    return run(folder, List.of(reader.toString(), pins.folder().toString()))
        .lines()
        .filter(line -> line.startsWith("pid " + pid + " "))
        .findFirst()
        .orElseThrow();
  }

  private static String run(Path where, List<String> words)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(words).directory(where.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
