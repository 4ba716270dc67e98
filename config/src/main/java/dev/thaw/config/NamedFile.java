package dev.thaw.config;

/**
 * A file that a policy names, and where. Reading a policy opens no files: whoever is about to use
 * them does, and words what is wrong by {@link #problem}.
 *
 * @param source the policy's own file, as the operator named it
 * @param path such as {@code spec.probe.tls.ca}
 * @param line from 1
 * @param column from 1
 * @param file as the operator wrote it
 */
public record NamedFile(
    Holds holds, String source, String path, int line, int column, String file) {

  /** What is expected in it. */
  public enum Holds {
    /** Certificates of authorities. */
    AUTHORITIES("null, or a readable file of PEM certificates"),
    /** A certificate and the chain to its authority, ours first. */
    CHAIN("null, or a readable file of PEM certificates, the one to show first"),
    /** The key of that certificate. */
    KEY("null, or a readable file of the certificate's PEM key in PKCS#8, unencrypted");

    private final String accepted;

    Holds(String accepted) {
      this.accepted = accepted;
    }

    /** For people. */
    public String accepted() {
      return accepted;
    }
  }

  /** Whether this problem is about the place where the file is named, or a section around it. */
  boolean isAt(Problem problem) {
    return path.equals(problem.path()) || path.startsWith(problem.path() + ".");
  }

  /**
   * Says that the file is of no use.
   *
   * @param matter such as {@code there is no such file}
   */
  public Problem problem(String matter) {
    return new Problem(source, path, line, column, file + ", " + matter, holds.accepted());
  }

  /** Says what an operator should know of a file that is of use all the same. */
  public String warning(String matter) {
    return "%s:%d:%d: %s: %s %s (warning)".formatted(source, line, column, path, file, matter);
  }
}
