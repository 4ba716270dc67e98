package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastLinesTest {
  @TempDir Path folder;
  private Path log;

  @BeforeEach
  void nameTheLog() {
    log = folder.resolve("log");
  }

  @Test
  void theyAreFitForATerminal() throws IOException {
    write("\u001b[2Jred\u009b31m\tend\r\n", "left \u202eright\n", "\u0007\n", "ü\n");

    assertThat(lines(0)).containsExactly(" [2Jred 31m end", "left  right", "ü");
  }

  @Test
  void theyAreFewAndShort() throws IOException {
    write("one\n".repeat(10_000), "two\n", "x".repeat(500) + "\n");

    assertThat(LastLines.of(log, 0, 2, line -> true)).containsExactly("two", "x".repeat(200) + "…");
  }

  @Test
  void ofALineWithoutEndOneIsLeft() throws IOException {
    write("x".repeat(1 << 20));

    assertThat(lines(0)).containsExactly("x".repeat(200) + "…");
  }

  /** What is read of a long file begins anywhere in it. */
  @Test
  void aLineOfWhichOnlyTheEndWasReadIsNone() throws IOException {
    write("init net/http @0.01 ms, 0.02 ms clock\n".repeat(1000), "last\n");

    assertThat(LastLines.of(log, 0, 3, line -> !line.startsWith("init"))).containsExactly("last");
  }

  @Test
  void onlyThoseThatCountAreCounted() throws IOException {
    write("one\n", "init x @1 ms\n");

    assertThat(LastLines.of(log, 0, 1, line -> !line.startsWith("init"))).containsExactly("one");
  }

  @Test
  void whatStoodThereBeforeItBeganIsNotIts() throws IOException {
    write("an earlier one\n", "its own\n");

    assertThat(lines("an earlier one\n".length())).containsExactly("its own");
    assertThat(lines(Files.size(log))).isEmpty();
  }

  @Test
  void aFileThatWasBegunAnewIsReadFromItsBeginning() throws IOException {
    write("after it was emptied\n");

    assertThat(lines(1 << 20)).containsExactly("after it was emptied");
  }

  @Test
  void whoWroteNothingHasNone() {
    assertThat(lines(0)).isEmpty();
  }

  private void write(String... text) throws IOException {
    Files.writeString(log, String.join("", text));
  }

  private List<String> lines(long from) {
    return LastLines.of(log, from, 20, line -> true);
  }
}
