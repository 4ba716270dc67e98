package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Offsets of one program must never end up in another: there they would lie in mid-instruction. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class MarkedImagesIT {
  private static final byte BREAKPOINT = (byte) 0xcc;
  private static final Executor EACH = task -> new Thread(task).start();

  @TempDir Path folder;
  private final Pins pins =
      new Pins(Path.of("/sys/fs/bpf/thaw-test-marks-" + ProcessHandle.current().pid()));
  private BpfObject object;

  @BeforeEach
  void load() {
    pins.create();
    object = BpfObject.open("startup.bpf.o").pinning(pins, StartupWatch.MAPS);
    Stream.concat(StartupWatch.HOOKS.stream(), StartupWatch.EXEC_HOOKS.stream())
        .forEach(object::without);
    object.load();
  }

  @AfterEach
  void remove() {
    object.close();
    pins.removeAll();
  }

  @Test
  void aPathThatBecomesAnotherFileMeanwhileMarksOnlyTheFileThatWasRead() throws Exception {
    Path first = waiting("first");
    Path path = Files.createSymbolicLink(folder.resolve("name"), first);
    Path second = waiting("second", "-ldflags=-s -w");
    var images =
        new MarkedImages(
            pins,
            object,
            file -> {
              GoBinary read = GoBinary.read(file);
              pointTo(second, path); // as /proc/PID/exe does when a wrapper execs
              return read;
            });

    ImageMarks marks = mark(images, path);

    assertThat(marks.attached()).contains(MarkKind.RUNTIME_MAIN, MarkKind.MAIN_MAIN);
    assertThat(breakpoints(first, first)).isEqualTo(marks.attached().size());
    assertThat(breakpoints(path, first)).isZero();
    images.close();
  }

  @Test
  void anImageThatWasOverwrittenInPlaceLosesItsMarks() throws Exception {
    Path path = waiting("old");
    byte[] other = Files.readAllBytes(waiting("new", "-ldflags=-s -w"));
    Path before = Files.copy(path, folder.resolve("before"));
    var images = new MarkedImages(pins, object);
    var told = new ArrayList<ImageId>();
    images.whenUnmarked(told::add);
    mark(images, path);

    Files.write(path, other);
    images.dropChanged();

    assertThat(pins.names()).noneMatch(name -> name.startsWith("mark_"));
    assertThat(told).hasSize(1);
    awaitNoBreakpoint(path, before);
    images.close();
  }

  private static void awaitNoBreakpoint(Path running, Path marksOf) throws Exception {
    for (int i = 0; i < 100 && breakpoints(running, marksOf) > 0; i++) {
      Thread.sleep(50); // the kernel takes a probe off some time after its last pin has gone
    }
    assertThat(breakpoints(running, marksOf)).isZero();
  }

  @Test
  void whatWasOverwrittenWhileNoAgentLivedLosesItsMarks() throws Exception {
    Path path = waiting("old");
    byte[] other = Files.readAllBytes(waiting("new", "-ldflags=-s -w"));
    Path before = Files.copy(path, folder.resolve("before"));
    ImageId image = marked(path);
    Files.write(path, other);
    Process running = new ProcessBuilder(path.toString()).start();
    try (var images = new MarkedImages(pins, object)) {

      images.adopt(Map.of((int) running.pid(), image));

      assertThat(pins.names()).noneMatch(name -> name.startsWith("mark_"));
      awaitNoBreakpoint(path, before);
    } finally {
      running.destroyForcibly().waitFor();
    }
  }

  @Test
  void whatRunsKeepsAPredecessorsMarksAndLosesThemWhenItIsOverwrittenLater() throws Exception {
    Path path = waiting("same");
    byte[] other = Files.readAllBytes(waiting("new", "-ldflags=-s -w"));
    ImageId image = marked(path);
    List<String> before = pins.names();
    Process running = new ProcessBuilder(path.toString()).start();
    try (var images = new MarkedImages(pins, object)) {

      images.adopt(Map.of((int) running.pid(), image));

      assertThat(pins.names()).isEqualTo(before);
      running.destroyForcibly().waitFor();
      Files.write(path, other);
      images.dropChanged();
      assertThat(pins.names()).noneMatch(name -> name.startsWith("mark_"));
    } finally {
      running.destroyForcibly();
    }
  }

  /** As an agent leaves it that has ended. */
  private ImageId marked(Path path) throws IOException {
    try (var images = new MarkedImages(pins, object);
        HeldFile file = HeldFile.open(path)) {
      images.mark(ImageId.of(file), file);
      return ImageId.of(file);
    }
  }

  @Test
  void severalThreadsThatLookAtOneImageMarkItOnce() throws Exception {
    Path path = waiting("shared");
    var together = new CyclicBarrier(4);
    var images =
        new MarkedImages(
            pins,
            object,
            file -> {
              GoBinary read = GoBinary.read(file);
              meet(together);
              return read;
            });

    List<CompletableFuture<ImageMarks>> looks =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> quietly(images, path), EACH))
            .limit(4)
            .toList();

    assertThat(looks).extracting(CompletableFuture::join).containsOnly(looks.get(0).join());
    assertThat(breakpoints(path, path)).isEqualTo(looks.get(0).join().attached().size());
    images.close();
  }

  @Test
  void whatIsStillLookedAtWhenTheWatchEndsGetsNoMarks() throws Exception {
    Path path = waiting("late");
    var images = new MarkedImages[1];
    images[0] =
        new MarkedImages(
            pins,
            object,
            file -> {
              images[0].close();
              return GoBinary.read(file);
            });

    assertThat(mark(images[0], path).how()).isEqualTo("the watch has ended");
    assertThat(pins.names()).noneMatch(name -> name.startsWith("mark_"));
  }

  @Test
  void anImageThatIsTheSameKeepsThem() throws Exception {
    Path path = waiting("same");
    var images = new MarkedImages(pins, object);
    Set<MarkKind> marks = mark(images, path).attached();

    images.dropChanged();

    assertThat(breakpoints(path, path)).isEqualTo(marks.size());
    images.close();
  }

  private static ImageMarks mark(MarkedImages images, Path path) throws IOException {
    try (HeldFile file = HeldFile.open(path)) {
      return images.mark(ImageId.of(file), file);
    }
  }

  private static ImageMarks quietly(MarkedImages images, Path path) {
    try {
      return mark(images, path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Path waiting(String name, String... flags) throws Exception {
    return GoPrograms.buildSource(
        folder,
        name,
        "package main\n\nimport \"os\"\n\nfunc main() { os.Stdin.Read(make([]byte, 1)) }\n",
        Map.of("CGO_ENABLED", "0"),
        flags);
  }

  /**
   * At how many of one program's marks a running other, or the same, has a breakpoint in memory
   * that its file has not: Go itself fills gaps with that instruction.
   */
  private static int breakpoints(Path running, Path marksOf) throws Exception {
    byte[] content = Files.readAllBytes(running);
    ElfFile elf = ElfFile.parse(FileBytes.of(ByteBuffer.wrap(content)));
    Process process = new ProcessBuilder(running.toString()).start();
    try (var memory = new RandomAccessFile("/proc/" + process.pid() + "/mem", "r")) {
      int count = 0;
      for (long offset : GoBinary.read(marksOf).offsets().values()) {
        memory.seek(ElfText.address(elf, offset).orElseThrow());
        boolean stops = memory.readByte() == BREAKPOINT;
        count += stops && content[(int) offset] != BREAKPOINT ? 1 : 0;
      }
      return count;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void pointTo(Path file, Path link) {
    try {
      Files.delete(link);
      Files.createSymbolicLink(link, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
