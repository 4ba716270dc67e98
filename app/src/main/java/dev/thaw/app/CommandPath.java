package dev.thaw.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the program that a command names, as a shell would. */
public final class CommandPath {

  private CommandPath() {}

  /**
   * The command with its program's absolute path.
   *
   * @throws Refusal if there is none that may be executed
   */
  public static List<String> resolve(List<String> command, String searchPath) {
    String program = command.get(0);
    var resolved = new ArrayList<>(command);
    resolved.set(0, find(program, searchPath).toString());
    return resolved;
  }

  private static Path find(String program, String searchPath) {
    if (program.isBlank()) {
      throw Refusal.usage("the command is empty");
    }
    if (program.contains("/")) {
      Path path = Path.of(program).toAbsolutePath().normalize();
      if (!Files.exists(path)) {
        throw Refusal.usage("command " + Printable.of(program) + ": there is no such file");
      } else if (!runnable(path)) {
        throw Refusal.usage("command " + Printable.of(program) + ": may not be executed");
      }
      return path;
    }
    for (String folder : searchPath.split(":")) {
      Path path = Path.of(folder.isEmpty() ? "." : folder).toAbsolutePath().resolve(program);
      if (runnable(path)) {
        return path;
      }
    }
    throw Refusal.usage("command " + Printable.of(program) + ": not found on PATH");
  }

  private static boolean runnable(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }
}
