package dev.thaw.node;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the node says of a start as a line of JSON; docs/reference/starts-socket.md. Pure. */
final class StartLine {
  private StartLine() {}

  /** Empty for what is not about how a process comes up or ends. */
  static Optional<String> of(FromNode message) {
    return switch (message.getMessageCase()) {
      case PROCESS_STARTED -> Optional.of(started(message.getProcessStarted()));
      case SIGNAL -> Optional.of(signal(message.getSignal()));
      case PROCESS_EXITED -> Optional.of(gone(message.getProcessExited()));
      default -> Optional.empty();
    };
  }

  /** In the place of so many lines that the reader was too slow for. */
  static String lost(long count) {
    return json(Map.of("event", "lost", "count", count));
  }

  private static String started(ProcessStarted said) {
    Map<String, Object> line = line("started", said.getStart(), said.getExecNanos());
    line.put("pid", said.getPid());
    line.put("adopted", said.getAdopted());
    if (said.hasContainer()) {
      line.put("container", container(said.getContainer()));
    }
    return json(line);
  }

  private static Map<String, Object> container(Container said) {
    var container = new TreeMap<String, Object>();
    put(container, "id", said.getId());
    put(container, "runtime", said.getRuntime());
    put(container, "pod_uid", said.getPodUid());
    return container;
  }

  private static void put(Map<String, Object> line, String key, String value) {
    if (!value.isEmpty()) {
      line.put(key, value);
    }
  }

  private static String signal(Signal said) {
    Map<String, Object> line =
        line(said.getKind().name().toLowerCase(Locale.ROOT), said.getStart(), said.getAtNanos());
    if (said.getPid() != 0) {
      line.put("pid", said.getPid());
    }
    if (said.hasAddress()) {
      line.put("address", said.getAddress().getHost());
      line.put("port", said.getAddress().getPort());
      line.put("ready", said.getTarget() && said.getKind() == Signal.Kind.LISTEN);
    }
    put(line, "path", said.getPath());
    put(line, "server", said.getServer());
    put(line, "why", said.getWhy());
    return json(line);
  }

  private static String gone(ProcessExited said) {
    Map<String, Object> line = line("gone", said.getStart(), said.getAtNanos());
    switch (said.getHowCase()) {
      case EXIT_CODE -> line.put("exit_code", said.getExitCode());
      case SIGNAL -> line.put("signal", said.getSignal());
      default -> {
        // of an adopted process nobody can say
      }
    }
    return json(line);
  }

  private static Map<String, Object> line(String event, StartRef start, long atNanos) {
    var line = new TreeMap<String, Object>();
    line.put("event", event);
    line.put("pod_uid", start.getPodUid());
    line.put("start", start.getStartId());
    line.put("at_ns", atNanos);
    return line;
  }

  private static String json(Map<String, Object> line) {
    return ConfigValueFactory.fromMap(line).render(ConfigRenderOptions.concise());
  }
}
