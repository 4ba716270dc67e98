package dev.thaw.app.trace;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Members;
import dev.thaw.bpf.os.MemoryGroup;
import dev.thaw.bpf.os.PidNamespace;
import java.time.Duration;
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
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,10})-(\\d{1,10})-\\d{1,10}");

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private DeadTraces() {}

  /**
   * What the group of a trace's start is called. A trace in a container may make its groups beside
   * ours, and its pid is another one there: the name tells in whose count it is.
   */
  static String name(long tracer, int start) {
    return PREFIX + PidNamespace.id() + "-" + tracer + "-" + start;
  }

  /** Whose group of this name it is; empty for other programs' groups and other namespaces'. */
  static OptionalLong tracer(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && Long.parseLong(matcher.group(1)) == PidNamespace.id()
        ? OptionalLong.of(Long.parseLong(matcher.group(2)))
        : OptionalLong.empty();
  }

  /**
   * Ends and removes what dead traces left. Blocks while a killed command takes its time.
   *
   * @return the groups that are gone now
   */
  static List<String> sweep() {
    CgroupLayout layout = CgroupLayout.detect();
    var names = new TreeSet<>(Cgroup.named(layout, PREFIX));
    names.addAll(MemoryGroup.named(PREFIX));
    return names.stream()
        .filter(name -> isDead(tracer(name)) && remove(name, Cgroup.of(layout, name)))
        .toList();
  }

  private static boolean isDead(OptionalLong tracer) {
    return tracer.isPresent() && ProcessHandle.of(tracer.getAsLong()).isEmpty();
  }

  private static boolean remove(String name, Cgroup group) {
    return Members.end(group, PATIENCE)
        && group.delete() & MemoryGroup.of(name).map(MemoryGroup::delete).orElse(true);
  }
}
