package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

class ProcessRegisterTest {
  private static final ProcessRegister.Entry ENTRY =
      new ProcessRegister.Entry("hello-0.x", "boot", 42, 4711, 99, "/var/log/a = b\\c: ü.log", 512);

  private Path folder;
  private ProcessRegister register;

  @BeforeProperty
  void open() throws IOException {
    folder = Files.createTempDirectory("thaw-register");
    register = new ProcessRegister(folder);
  }

  @AfterProperty
  void remove() throws IOException {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }

  @Example
  void aSuccessorFindsWhatWasWritten() {
    register.put(ENTRY);

    assertThat(new ProcessRegister(folder).get("hello-0.x")).contains(ENTRY);
    assertThat(ENTRY.startId()).isEqualTo("boot:42:4711");
  }

  @Example
  void aLaterEntryReplacesTheEarlierAndLeavesNoOtherFile() throws IOException {
    register.put(ENTRY);
    var later = new ProcessRegister.Entry("hello-0.x", "boot", 43, 4800, 100, "log", 0);

    register.put(later);

    assertThat(register.get("hello-0.x")).contains(later);
    try (var files = Files.list(file().getParent())) {
      assertThat(files).containsExactly(file());
    }
  }

  @Example
  void whatIsRemovedOrWasNeverThereIsNotFound() {
    register.put(ENTRY);

    register.remove("hello-0.x");
    register.remove("hello-0.x");

    assertThat(register.get("hello-0.x")).isEmpty();
    assertThat(register.get("hello-1.x")).isEmpty();
  }

  @Property(tries = 200)
  void aTornFileIsNoEntryOrOneThatNamesTheSameProcess(@ForAll @IntRange(max = 100_000) int cut)
      throws IOException {
    register.put(ENTRY);
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, cut % whole.length));

    register
        .get("hello-0.x")
        .ifPresent(
            entry -> {
              assertThat("boot").startsWith(entry.bootId());
              assertThat("42").startsWith(Integer.toString(entry.pid()));
            });
  }

  @Property(tries = 300)
  void aGarbledFileIsAnEntryOrNone(@ForAll byte[] garbage) throws IOException {
    Files.createDirectories(file().getParent());
    Files.write(file(), garbage);

    assertThat(register.get("hello-0.x")).isNotNull();
  }

  @Example
  void anEscapeCutShortIsNoEntry() throws IOException {
    Files.createDirectories(file().getParent());
    Files.write(file(), "pid=\\u00".getBytes(StandardCharsets.US_ASCII));

    assertThat(register.get("hello-0.x")).isEmpty();
  }

  private Path file() {
    return folder.resolve("pods").resolve("hello-0.x.process");
  }
}
