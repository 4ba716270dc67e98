package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
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

    ImageMarks marks = images.mark(ImageId.of(path), path);

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
    images.mark(ImageId.of(path), path);

    Files.write(path, other);
    images.dropChanged();

    assertThat(pins.names()).noneMatch(name -> name.startsWith("mark_"));
    for (int i = 0; i < 100 && breakpoints(path, before) > 0; i++) {
      Thread.sleep(50); // the kernel takes a probe off some time after its last pin has gone
    }
    assertThat(breakpoints(path, before)).isZero();
    images.close();
  }

  @Test
  void anImageThatIsTheSameKeepsThem() throws Exception {
    Path path = waiting("same");
    var images = new MarkedImages(pins, object);
    Set<MarkKind> marks = images.mark(ImageId.of(path), path).attached();

    images.dropChanged();

    assertThat(breakpoints(path, path)).isEqualTo(marks.size());
    images.close();
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
