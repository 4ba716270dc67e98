package dev.thaw.app.trace.go;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Go program wrote of itself, against what it knows better: its own clock and counters. */
class GoTraceTest {
  /** Burns, collects three times, stops the world; prints CLOCK_MONOTONIC before and after. */
  private static final String SOURCE =
      """
      package main

      import (
      	"bytes"
      	"fmt"
      	"os"
      	"runtime"
      	"runtime/pprof"
      	"runtime/trace"
      	"syscall"
      	"time"
      	"unsafe"
      )

      func monotonic() int64 {
      	var ts syscall.Timespec
      	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&ts)), 0)
      	return ts.Nano()
      }

      func burn(long time.Duration) (n int) {
      	for began := time.Now(); time.Since(began) < long; {
      		n++
      	}
      	return n
      }

      func main() {
      	var traced, profiled bytes.Buffer
      	runtime.GOMAXPROCS(2)
      	pprof.StartCPUProfile(&profiled)
      	trace.Start(&traced)
      	before := monotonic()
      	done := make(chan int)
      	go func() { done <- burn(400 * time.Millisecond) }()
      	for i := 0; i < 3; i++ {
      		runtime.GC()
      	}
      	runtime.GOMAXPROCS(3)
      	<-done
      	after := monotonic()
      	trace.Stop()
      	pprof.StopCPUProfile()
      	os.WriteFile("trace", traced.Bytes(), 0o644)
      	os.WriteFile("profile", profiled.Bytes(), 0o644)
      	fmt.Println(before, after)
      }
      """;

  @TempDir static Path folder;
  private static byte[] traced;
  private static byte[] profiled;
  private static long before;
  private static long after;

  @BeforeAll
  static void record() throws Exception {
    Files.writeString(folder.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(folder.resolve("main.go"), SOURCE);
    run("go", "build", "-o", "sample", ".");
    String[] said = run("./sample").strip().split(" ");
    before = Long.parseLong(said[0]);
    after = Long.parseLong(said[1]);
    traced = Files.readAllBytes(folder.resolve("trace"));
    profiled = Files.readAllBytes(folder.resolve("profile"));
  }

  private static String run(String... command) throws Exception {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putIfAbsent("HOME", folder.toString());
    builder.environment().put("CGO_ENABLED", "0");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  void theProfilersStacksHaveTimesOfTheKernelsClock() throws Exception {
    GoTrace trace = GoTrace.read(traced);

    assertThat(trace.samples())
        .filteredOn(sample -> sample.stack().contains("main.burn"))
        .as("400 ms at 100 Hz")
        .hasSizeGreaterThan(10)
        .allSatisfy(
            sample -> {
              assertThat(sample.atNanos()).isBetween(before - 1_000_000, after + 1_000_000);
              assertThat(sample.stack()).containsSubsequence("main.main.func1", "main.burn");
            });
    assertThat(trace.errorNanos()).isBetween(1L, 1_000_000L);
  }

  @Test
  void collectionsAndStandstillsAreCounted() throws Exception {
    GoTrace trace = GoTrace.read(traced);
    Map<String, Long> counts =
        trace.spans().stream()
            .collect(Collectors.groupingBy(GoTrace.Span::name, Collectors.counting()));

    assertThat(counts.get(GoTrace.GC)).isEqualTo(3);
    assertThat(counts.get(GoTrace.STW)).as("two for each collection, one more").isBetween(4L, 20L);
    assertThat(trace.processors()).isEqualTo(3);
    assertThat(trace.left()).isZero();
  }

  @Test
  void aGoroutineThatBurnsIsRunningMostOfTheTime() throws Exception {
    GoTrace trace = GoTrace.read(traced);

    long running =
        trace.spans().stream()
            .filter(span -> span.name().equals(GoTrace.RUNNING))
            .mapToLong(span -> span.toNanos() - span.fromNanos())
            .sum();

    assertThat(running).isBetween((after - before) / 2, 3 * (after - before));
    assertThat(trace.spans())
        .allSatisfy(
            span -> {
              assertThat(span.fromNanos()).isLessThan(span.toNanos());
              assertThat(span.toNanos()).isBetween(before - 50_000_000, after + 50_000_000);
            });
  }

  @Test
  void theProfileHoldsTheSameStacksWithoutTimes() throws Exception {
    GoProfile profile = GoProfile.read(profiled);

    assertThat(profile.periodNanos()).isEqualTo(10_000_000);
    assertThat(profile.seen()).isGreaterThan(10);
    assertThat(profile.stacks())
        .anySatisfy(stack -> assertThat(stack).containsSubsequence("main.main.func1", "main.burn"));
  }

  @Test
  void whatIsNoTraceOrOfAnotherGoIsSaidToBe() {
    assertThatThrownBy(() -> GoTrace.read("<html>".getBytes(StandardCharsets.US_ASCII)))
        .hasMessage("it is no execution trace");
    assertThatThrownBy(
            () -> GoTrace.read("go 1.21 trace\0\0\0".getBytes(StandardCharsets.US_ASCII)))
        .hasMessage("the trace format of Go 1.21 is not read (only 1.22 to 1.26)");
    assertThatThrownBy(() -> GoProfile.read(new byte[10])).isInstanceOf(java.io.IOException.class);
  }

  @Test
  void aTraceThatBreaksOffIsReadAsFarAsItGoes() throws Exception {
    for (int length = traced.length; length > 1000; length -= 997) {
      try {
        assertThat(GoTrace.read(Arrays.copyOf(traced, length)).processors()).isBetween(0, 3);
      } catch (GoTrace.Unreadable e) {
        assertThat(e).hasMessageContaining("unit of its clock");
      }
    }
  }

  @Property(tries = 500)
  void whateverFollowsTheHeaderIsReadWithoutHarm(@ForAll List<Byte> bytes) {
    byte[] head = "go 1.26 trace\0\0\0".getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + bytes.size());
    for (int i = 0; i < bytes.size(); i++) {
      all[head.length + i] = bytes.get(i);
    }

    try {
      assertThat(GoTrace.read(all).samples()).isNotNull();
    } catch (GoTrace.Unreadable e) {
      assertThat(e).hasMessageNotContaining("Exception");
    }
  }
}
