package dev.thaw.bpf;

import static dev.thaw.bpf.MarkKind.GRPC_SERVE;
import static dev.thaw.bpf.MarkKind.MAIN_MAIN;
import static dev.thaw.bpf.MarkKind.RUNTIME_MAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class StartupWatchIT extends WithWatch {
  private final List<KernelEvent> seen = new ArrayList<>();

  @Test
  void seesExecListenAndExitOfAWatchedProcessOnly() throws Exception {
    new ProcessBuilder("true").start().waitFor();
    Process server =
        start(
            "perl",
            "-MIO::Socket::INET",
            "-e",
            "IO::Socket::INET->new(LocalAddr => '127.0.0.9:18471', Listen => 5) or die");

    KernelEvent exit = await(event -> event instanceof KernelEvent.Exit);

    assertThat(exit.pid()).isEqualTo((int) server.pid());
    assertThat(seen).allSatisfy(event -> assertThat(event.pid()).isEqualTo((int) server.pid()));
    assertThat(seen)
        .filteredOn(KernelEvent.Exec.class::isInstance)
        .first()
        .satisfies(exec -> assertThat(((KernelEvent.Exec) exec).path()).endsWith("perl"));
    var listen = (KernelEvent.Listen) first(KernelEvent.Listen.class);
    assertThat(listen.address()).isEqualTo(new InetSocketAddress("127.0.0.9", 18471));
    assertThat(((KernelEvent.ListenClosed) first(KernelEvent.ListenClosed.class)).socket())
        .isEqualTo(listen.socket());
    assertThat(seen).extracting(KernelEvent::atNanos).isSorted();
    assertThat(watch.lost()).isZero();
  }

  /** The last listen fails and shows as one that began and ended; process exit ends the rest. */
  @Test
  void everyKindOfListenerIsToldOnceAndSoIsItsEnd() throws Exception {
    Process server =
        start(
            "python3",
            "-c",
            """
        import socket
        def opened(family, kind, address, *options):
            s = socket.socket(family, socket.SOCK_STREAM, kind)
            for option in options: s.setsockopt(socket.SOL_SOCKET, option, 1)
            s.bind(address); return s
        both = [opened(socket.AF_INET, 0, ('127.0.0.9', 18474), socket.SO_REUSEPORT) for _ in range(2)]
        both += [opened(socket.AF_INET6, 0, ('::1', 18475)), opened(socket.AF_INET, 262, ('127.0.0.9', 18476))]
        for s in both: s.listen()
        first, second = [opened(socket.AF_INET, 0, ('127.0.0.9', 18477), socket.SO_REUSEADDR) for _ in range(2)]
        first.listen()
        try: second.listen(); raise SystemExit('the second listens too')
        except OSError: pass
        first.close()
        """);
    await(event -> event instanceof KernelEvent.Exit && event.pid() == server.pid());

    assertThat(ports(KernelEvent.Listen.class))
        .containsExactly(18474, 18474, 18475, 18476, 18477, 18477);
    assertThat(seen).filteredOn(KernelEvent.ListenClosed.class::isInstance).hasSize(6);
    assertThat(sockets(KernelEvent.ListenClosed.class))
        .containsExactlyInAnyOrderElementsOf(sockets(KernelEvent.Listen.class));
  }

  private List<Integer> ports(Class<KernelEvent.Listen> type) {
    return seen.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .map(e -> e.address().getPort())
        .toList();
  }

  private List<Long> sockets(Class<? extends KernelEvent> type) {
    return seen.stream()
        .filter(type::isInstance)
        .map(
            event ->
                event instanceof KernelEvent.Listen listen
                    ? listen.socket()
                    : ((KernelEvent.ListenClosed) event).socket())
        .toList();
  }

  @Test
  void readsWhatHappenedWhileNoAgentLived() throws Exception {
    watch.close();
    Process process = start("true");
    process.waitFor();

    watch = StartupWatch.open(pins);

    assertThat(await(event -> event instanceof KernelEvent.Exit).pid())
        .isEqualTo((int) process.pid());
  }

  @Test
  void marksOfWhatRunsAreTakenOverAndOthersGo() throws Exception {
    Path running = GoPrograms.build(folder, "running", "-ldflags=-s -w");
    watch.attachMarks(running);
    watch.attachMarks(GoPrograms.build(folder, "gone"));
    start(running.toString(), "wait");
    await(event -> event instanceof KernelEvent.Mark mark && mark.kind() == MAIN_MAIN);

    watch.close();
    watch = StartupWatch.open(pins);

    String ofRunning = "_%x_".formatted(id(running).inode());
    assertThat(pins.names())
        .filteredOn(name -> name.startsWith("mark_"))
        .hasSize(3)
        .allMatch(name -> name.contains(ofRunning));
  }

  /** Its name was free for anybody to give to a pipe. */
  @Test
  void aPipeInAnEndedProgramsPlaceIsNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process ended = start("true");
    ended.waitFor();
    var exec =
        new KernelEvent.Exec(
            1, (int) ended.pid(), 1, 0, 0, 0, id(Path.of("/bin/true")), pipe.toString());

    assertThat(watch.attachMarks(pipe).how()).contains("no regular file");
    assertThat(watch.attachMarks(exec).how()).startsWith("it ended, or became another,");
  }

  /** Where the locale is POSIX, é is such a letter: any process may run a file of that name. */
  @Test
  void aProcessThatEndedUnderANameWithoutLettersHereIsNoTrouble() throws Exception {
    Process ended = start("true");
    ended.waitFor();
    var exec =
        new KernelEvent.Exec(1, (int) ended.pid(), 1, 0, 0, 0, id(Path.of("/bin/true")), "/tmp/\0");

    assertThat(watch.attachMarks(exec).how()).startsWith("it ended, or became another,");
  }

  @Test
  void seesTheMarksOfAStrippedGoProgram() throws Exception {
    Path program = GoPrograms.build(folder, "stripped", "-trimpath", "-ldflags=-s -w");

    var marks = watch.attachMarks(program);
    start(program.toString());
    await(event -> event instanceof KernelEvent.Exit);

    assertThat(marks.unsure()).isFalse();
    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  }

  @Test
  void marksOutliveTheAgentThatMadeThem() throws Exception {
    Path program = GoPrograms.build(folder, "kept", "-ldflags=-s -w");
    watch.attachMarks(program);

    watch.close();
    start(program.toString()).waitFor();
    watch = StartupWatch.open(pins);
    await(event -> event instanceof KernelEvent.Exit);

    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  }

  @Test
  void aChangedImageIsMarkedAnewAndTheOldMarksGo() throws Exception {
    Path program = GoPrograms.build(folder, "changing");
    watch.attachMarks(program);
    byte[] other = Files.readAllBytes(GoPrograms.build(folder, "other", "-ldflags=-s -w"));

    Files.write(program, other);
    watch.attachMarks(program);
    start(program.toString());
    await(event -> event instanceof KernelEvent.Exit);

    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
    assertThat(pins.names()).filteredOn(name -> name.startsWith("mark_")).hasSize(3);
  }

  @Test
  void whatAProcessBecameIsMarkedThroughTheProcess() throws Exception {
    Path program = GoPrograms.build(folder, "unseen", "-ldflags=-s -w");
    start(program.toString()).waitFor();
    var exec = (KernelEvent.Exec) await(event -> event instanceof KernelEvent.Exec);

    assertThat(watch.attachMarks(exec).attached())
        .containsExactlyInAnyOrder(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);

    await(event -> event instanceof KernelEvent.Exit);
    seen.clear();
    start(program.toString());
    await(event -> event instanceof KernelEvent.Exit);
    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  }

  @Test
  void everyOverlayOfALayerShowsTheLayersOwnFile() throws Exception {
    Path lower = Files.createDirectories(folder.resolve("lower"));
    Path program = GoPrograms.build(lower, "program", "-ldflags=-s -w");

    inOverlay(lower, "one").waitFor();
    var first = (KernelEvent.Exec) await(event -> isExecOf(event, "program"));
    watch.attachMarks(program);
    seen.clear();
    inOverlay(lower, "two").waitFor();
    var second = (KernelEvent.Exec) await(event -> isExecOf(event, "program"));
    await(event -> event instanceof KernelEvent.Exit);

    assertThat(first.image()).isEqualTo(id(program)).isEqualTo(second.image());
    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
  }

  @Test
  void anImageOfAnOverlayIsMarkedOnceForAllItsContainers() throws Exception {
    Path lower = Files.createDirectories(folder.resolve("lower"));
    GoPrograms.build(lower, "program", "-ldflags=-s -w");
    Process waiting = inOverlay(lower, "one", "wait");
    var first = (KernelEvent.Exec) await(event -> isExecOf(event, "program"));

    assertThat(watch.attachMarks(first).attached()).hasSize(3);
    waiting.destroyForcibly();
    seen.clear();
    inOverlay(lower, "two").waitFor();
    var second = (KernelEvent.Exec) await(event -> isExecOf(event, "program"));
    await(event -> event instanceof KernelEvent.Exit && event.pid() == second.pid());
    watch.attachMarks(second);

    assertThat(marks()).containsExactly(RUNTIME_MAIN, MAIN_MAIN, GRPC_SERVE);
    assertThat(pins.names()).filteredOn(name -> name.startsWith("mark_")).hasSize(3);
  }

  /** In a mount namespace of its own, as a container's. */
  private Process inOverlay(Path lower, String name, String... arguments) throws IOException {
    for (String part : List.of("upper", "work", "merged")) {
      Files.createDirectories(folder.resolve(name).resolve(part));
    }
    String mount =
        "cd %s && mount -t overlay overlay -o lowerdir=%s,upperdir=upper,workdir=work merged && exec merged/program %s"
            .formatted(folder.resolve(name), lower, String.join(" ", arguments));
    return start("unshare", "-m", "/bin/sh", "-c", mount);
  }

  private static boolean isExecOf(KernelEvent event, String program) {
    return event instanceof KernelEvent.Exec exec && exec.path().endsWith("/" + program);
  }

  @Test
  void withoutTheNewerHelperTheOpenedFileNamesTheImage() throws Exception {
    watch.close();
    pins.removeAll();
    watch = StartupWatch.open(pins, new StartupWatch.Kernel(1 << 20, List.of("on_exec_plain")));
    watch.watch(cgroup.unifiedId(), cgroup.v1Id());

    start("/bin/true");

    var exec = (KernelEvent.Exec) await(event -> isExecOf(event, "true"));
    assertThat(exec.image()).isEqualTo(id(Path.of("/bin/true")));
  }

  @Test
  void whatFindsTheRingFullIsCounted() throws Exception {
    watch.close();
    pins.removeAll();
    var tiny = new StartupWatch.Kernel(4096, List.of("on_exec"));
    watch = StartupWatch.open(pins, tiny);
    watch.watch(cgroup.unifiedId(), cgroup.v1Id());

    for (int i = 0; i < 10; i++) {
      start("/bin/true").waitFor();
    }

    int read = watch.read(Duration.ZERO, seen::add);
    assertThat(watch.lost()).isEqualTo(20 - read).isPositive();
  }

  @Test
  void refusesPinsOfAnotherVersion() {
    watch.close();
    abi(99);

    assertThatThrownBy(() -> StartupWatch.open(pins))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("version 99")
        .hasMessageContaining("--cleanup");
    abi(StartupState.ABI);
    watch = StartupWatch.open(pins);
  }

  private void abi(int version) {
    try (var header = BpfMap.pinned(pins, "startup_header", 4, StartupState.HEADER_SIZE)) {
      header.put(BpfMap.key(0), BpfMap.buffer(StartupState.HEADER_SIZE).putInt(0, version));
    }
  }

  @Test
  void saysWhyAProgramGetsNoMarks() throws Exception {
    assertThat(watch.attachMarks(Path.of("/bin/true")).how()).contains("no Go program");
    assertThat(watch.attachMarks(Path.of("/nowhere")).how()).contains("cannot be read");
  }

  private static ImageId id(Path path) throws IOException {
    try (HeldFile file = HeldFile.open(path)) {
      return ImageId.of(file);
    }
  }

  private List<MarkKind> marks() {
    return seen.stream()
        .filter(KernelEvent.Mark.class::isInstance)
        .map(event -> ((KernelEvent.Mark) event).kind())
        .toList();
  }

  private KernelEvent first(Class<? extends KernelEvent> type) {
    return seen.stream().filter(type::isInstance).findFirst().orElseThrow();
  }

  /** Reads until such an event comes; at most 10 s. */
  private KernelEvent await(Predicate<KernelEvent> wanted) {
    for (int i = 0; i < 100; i++) {
      watch.read(Duration.ofMillis(100), seen::add);
      Optional<KernelEvent> found = seen.stream().filter(wanted).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new AssertionError("not seen; there were " + seen);
  }
}
