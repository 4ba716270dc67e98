package dev.thaw.config;

/**
 * One thing that is wrong with what an operator wrote, where, and what would be right.
 *
 * @param source the file, as the operator named it
 * @param path such as {@code spec.birth.ladder[2].weight}; empty if the text is no YAML
 * @param line from 1
 * @param column from 1
 * @param value what stands there, shortened, or what is the matter: {@code missing}
 * @param accepted what may stand there
 */
public record Problem(
    String source, String path, int line, int column, String value, String accepted) {

  /** One line for a person. */
  @Override
  public String toString() {
    return "%s:%d:%d: %s%s (accepted: %s)"
        .formatted(source, line, column, path.isEmpty() ? "" : path + ": ", value, accepted);
  }
}
