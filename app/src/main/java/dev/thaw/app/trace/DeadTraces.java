package dev.thaw.app.trace;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.MemoryGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Control groups of traces that were killed before they could end their command: the command is
 * ended and the groups are removed. Any thread.
 */
final class DeadTraces {
  private static final String PREFIX = "thaw-trace-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,10})-\\d{1,10}");
  private static final int SIGKILL = 9;
  private static final int PATIENCE_MILLIS = 2_000;

  private DeadTraces() {}

  /** What the group of a trace's start is called. */
  static String name(long tracer, int start) {
    return PREFIX + tracer + "-" + start;
  }

  /** Whose group of this name it is; empty for other programs' groups. */
  static OptionalLong tracer(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * Ends and removes what dead traces left.
   *
   * @return the groups that are gone now
   * @throws InterruptedException when the wait for a killed command was broken off
   */
  static List<String> sweep() throws InterruptedException {
    CgroupLayout layout = CgroupLayout.detect();
    var names = new TreeSet<>(Cgroup.named(layout, PREFIX));
    names.addAll(MemoryGroup.named(PREFIX));
    var gone = new TreeSet<String>();
    for (String name : names) {
      OptionalLong tracer = tracer(name);
      if (tracer.isPresent() && ProcessHandle.of(tracer.getAsLong()).isEmpty()) {
        if (remove(name, Cgroup.of(layout, name))) {
          gone.add(name);
        }
      }
    }
    return List.copyOf(gone);
  }

  private static boolean remove(String name, Cgroup group) throws InterruptedException {
    if (!group.pids().stream().allMatch(DeadTraces::isOfOurNamespace)) {
      return false; // a trace in a container: its pid is another one there
    }
    group.pids().forEach(pid -> LibC.kill(pid, SIGKILL));
    long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
    while (!group.pids().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    return group.delete() & MemoryGroup.of(name).map(MemoryGroup::delete).orElse(true);
  }

  private static boolean isOfOurNamespace(int pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/pid"))
          .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")));
    } catch (IOException e) {
      return true; // it has just ended
    }
  }
}
