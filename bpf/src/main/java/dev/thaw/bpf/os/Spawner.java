package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts processes that outlive us: in a session of their own, in a control group, output to a
 * file. Any thread.
 *
 * <p>A shell joins the group and then becomes the command, in the same process: every exec that is
 * seen in the group is the command's own.
 */
public final class Spawner {
  private static final String JOIN_AND_BECOME =
      "while [ \"$1\" != -- ]; do echo $$ > \"$1\" || exit 126; shift; done; shift; exec \"$@\"";

  private Spawner() {}

  /**
   * What to start.
   *
   * @param environment added to this process's own
   * @param log both outputs are appended here
   * @param cgroup empty: where this process is
   */
  public record Command(
      List<String> words,
      Map<String, String> environment,
      Path folder,
      Path log,
      Optional<Cgroup> cgroup) {}

  /**
   * Starts it. The process reaps itself through the JVM while that lives.
   *
   * @throws IOException when there is no shell, the folder is missing, or the machine has no room
   */
  public static Process start(Command command) throws IOException {
    return start(command, List.of());
  }

  /**
   * Starts it in further groups too.
   *
   * @param moreGroups files that a process joins by writing its pid
   */
  public static Process start(Command command, List<Path> moreGroups) throws IOException {
    var words = new ArrayList<>(List.of("setsid", "/bin/sh", "-c", JOIN_AND_BECOME, "sh"));
    moreGroups.forEach(file -> words.add(file.toString()));
    command
        .cgroup()
        .ifPresent(group -> group.joinFiles().forEach(file -> words.add(file.toString())));
    words.add("--");
    words.addAll(command.words());
    var builder =
        new ProcessBuilder(words)
            .directory(command.folder().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(command.log().toFile()));
    builder.environment().putAll(command.environment());
    return builder.start();
  }
}
