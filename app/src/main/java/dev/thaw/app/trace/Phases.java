package dev.thaw.app.trace;

import java.util.List;
import java.util.Optional;

/** To which part of a start a stack belongs, by the functions on it. Pure. */
final class Phases {

  private Phases() {}

  /**
   * The phase of a stack.
   *
   * @param stack outermost frame first
   * @param beforeEntry taken before the program's own first instruction
   */
  static String of(List<String> stack, boolean beforeEntry) {
    if (beforeEntry || stack.stream().anyMatch(Phases::isLoader)) {
      return "exec and dynamic linking";
    }
    for (int i = 0; i < stack.size(); i++) {
      String frame = stack.get(i);
      switch (frame) {
        case "runtime.mallocinit" -> {
          return "Go heap (mallocinit)";
        }
        case "runtime.gcBgMarkWorker",
            "runtime.gcStart",
            "runtime.bgsweep",
            "runtime.bgscavenge",
            "runtime.gcAssistAlloc",
            "runtime.gcDrain" -> {
          return "Go garbage collector";
        }
        case "runtime.gcenable" -> {
          return "Go collector on (gcenable)";
        }
        case "runtime.doInit1", "runtime.doInit" -> {
          Optional<String> initialiser =
              stack.subList(i + 1, stack.size()).stream()
                  .filter(each -> !each.startsWith("runtime.doInit"))
                  .findFirst();
          return "init of " + initialiser.map(Phases::packageOf).orElse("packages");
        }
        case "main.main" -> {
          return "main.main";
        }
        default -> {
          if (frame.equals("net/http.(*conn).serve")
              || frame.contains("http2serverConn).")
              || frame.contains("http2.(*serverConn).")
              || frame.startsWith("google.golang.org/grpc.(*Server).serve")
              || frame.startsWith("google.golang.org/grpc.(*Server).handle")) {
            return stack.stream().anyMatch(Phases::isHandshake)
                ? "TLS handshake"
                : "serving requests";
          }
        }
      }
    }
    return byRoot(stack);
  }

  private static String byRoot(List<String> stack) {
    if (contains(stack, "runtime.schedinit")) {
      return "Go scheduler init (schedinit)";
    } else if (contains(stack, "runtime.main")) {
      return "Go runtime.main";
    }
    String root = stack.stream().filter(frame -> !isPlumbing(frame)).findFirst().orElse("");
    if (root.isEmpty()) {
      return stack.stream().allMatch(frame -> frame.endsWith("[kernel]"))
          ? "kernel"
          : "unnamed code";
    } else if (root.endsWith("[kernel]")) {
      return "kernel";
    } else if (root.startsWith("runtime.")) {
      return "Go scheduler";
    }
    return contains(stack, "runtime.goexit") ? "goroutine " + root : root;
  }

  /** Package of a Go function's name, such as {@code net/http} of {@code net/http.init.0}. */
  static String packageOf(String function) {
    int slash = function.lastIndexOf('/');
    int dot = function.indexOf('.', slash + 1);
    return dot < 0 ? function : function.substring(0, dot);
  }

  private static boolean contains(List<String> stack, String frame) {
    return stack.contains(frame);
  }

  private static boolean isLoader(String frame) {
    return frame.startsWith("_dl_")
        || frame.startsWith("dl_main")
        || frame.startsWith("[ld-linux")
        || frame.startsWith("[ld-musl");
  }

  private static boolean isHandshake(String frame) {
    return frame.startsWith("crypto/tls.(*Conn).handshake")
        || frame.startsWith("crypto/tls.(*Conn).serverHandshake")
        || frame.startsWith("crypto/tls.(*Conn).Handshake");
  }

  private static boolean isPlumbing(String frame) {
    return frame.startsWith("[")
        || frame.equals("runtime.goexit")
        || frame.equals("_start")
        || frame.startsWith("__libc_start")
        || frame.equals("start_thread")
        || frame.startsWith("clone");
  }
}
