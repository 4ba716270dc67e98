package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.Sleep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What threads slept in, by the kernel functions on their stacks. Pure. */
final class Sleeps {
  static final String LOCK = "a lock or another thread";
  private static final String OTHER = "something else";

  /** What it is, by what a kernel function's name holds; the first that fits counts. */
  private static final Map<String, List<String>> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put(LOCK, List.of("futex"));
    KINDS.put("a timer", List.of("nanosleep"));
    KINDS.put(
        "the network or a poll",
        List.of(
            "epoll",
            "ep_poll",
            "poll_schedule",
            "do_select",
            "sk_wait",
            "inet_csk",
            "tcp_recvmsg",
            "unix_stream"));
    KINDS.put(
        "the disk",
        List.of(
            "folio_wait",
            "io_schedule",
            "filemap_",
            "wait_on_buffer",
            "submit_bio",
            "blk_",
            "wait_on_page"));
    KINDS.put("a child process", List.of("do_wait", "kernel_wait4", "wait_for_vfork"));
    KINDS.put("a pipe", List.of("pipe_"));
    KINDS.put(
        "a lock of the kernel",
        List.of("rwsem", "mutex", "down_read", "down_write", "rt_mutex", "synchronize_rcu"));
  }

  private Sleeps() {}

  /**
   * Such as {@code a lock or another thread}.
   *
   * @param stack outermost frame first
   */
  static String in(List<String> stack) {
    for (Map.Entry<String, List<String>> kind : KINDS.entrySet()) {
      for (String frame : stack) {
        if (kind.getValue().stream().anyMatch(frame::contains)) {
          return kind.getKey();
        }
      }
    }
    return OTHER;
  }

  /**
   * How long the thread that runs package init slept in it, and in what: what holds init up though
   * it does not compute. Empty where runtime.main and main.main were not seen.
   *
   * @return nanoseconds by kind, the longest first
   */
  static Map<String, Long> duringInit(Start start) {
    OptionalLong from = start.at("runtime.main");
    OptionalLong to = start.at("main.main");
    var all = new LinkedHashMap<String, Long>();
    if (from.isEmpty() || to.isEmpty()) {
      return all;
    }
    for (Sleep sleep : start.sleeps()) {
      long overlap =
          Math.min(sleep.to(), to.getAsLong()) - Math.max(sleep.from(), from.getAsLong());
      if (sleep.thread() == start.mainThread() && overlap > 0) {
        all.merge(sleep.in(), overlap, Long::sum);
      }
    }
    var sorted = new LinkedHashMap<String, Long>();
    all.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(each -> sorted.put(each.getKey(), each.getValue()));
    return sorted;
  }

  /** How long the same thread was ready in init and had no processor. */
  static long readyDuringInit(Start start) {
    OptionalLong from = start.at("runtime.main");
    OptionalLong to = start.at("main.main");
    return from.isEmpty() || to.isEmpty() ? 0 : ready(start, from.getAsLong(), to.getAsLong());
  }

  /** How long the thread of package init was ready in this stretch and had no processor. */
  static long ready(Start start, long from, long to) {
    return start.waits().stream()
        .filter(wait -> wait.thread() == start.mainThread())
        .mapToLong(wait -> Math.max(0, Math.min(wait.to(), to) - Math.max(wait.from(), from)))
        .sum();
  }
}
