package dev.thaw.app;

import dev.thaw.config.NamedFile;
import dev.thaw.config.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens the files that a policy names for TLS before a pod is probed with them: what is wrong with
 * one is said at its place in the policy, not when the first probe fails.
 */
final class TlsFiles {
  private static final long LARGEST = 1 << 20;

  private final Instant now;
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private TlsFiles(Instant now) {
    this.now = now;
  }

  /**
   * What is wrong with the files.
   *
   * @param warnings certificates that do not hold now: pods will say so, and files can be renewed
   */
  record Found(List<Problem> problems, List<String> warnings) {}

  /** Reads them all; relative names are meant from the working directory, as for the prober. */
  static Found check(List<NamedFile> files, Instant now) {
    var reading = new TlsFiles(now);
    Optional<X509Certificate> shown = Optional.empty();
    for (NamedFile file : files) {
      switch (file.holds()) {
        case AUTHORITIES -> reading.certificates(file);
        case CHAIN -> shown = reading.certificates(file).stream().findFirst();
        case KEY -> {} // judged by its certificate, below
      }
    }
    Optional<X509Certificate> certificate = shown;
    files.stream()
        .filter(file -> file.holds() == NamedFile.Holds.KEY)
        .forEach(file -> reading.key(file, certificate));
    return new Found(List.copyOf(reading.problems), List.copyOf(reading.warnings));
  }

  private List<X509Certificate> certificates(NamedFile file) {
    try {
      List<X509Certificate> all = Pem.certificates(text(file));
      if (all.isEmpty()) {
        problems.add(file.problem("in which there is no PEM certificate"));
      }
      all.forEach(certificate -> date(file, certificate));
      return all;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      problems.add(file.problem("which holds a certificate that cannot be read"));
    } catch (IOException e) {
      problems.add(file.problem(matter(e)));
    }
    return List.of();
  }

  private void date(NamedFile file, X509Certificate certificate) {
    String name = "holds a certificate of " + certificate.getSubjectX500Principal().getName();
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      warnings.add(
          file.warning(name + " that has expired at " + certificate.getNotAfter().toInstant()));
    } else if (now.isBefore(certificate.getNotBefore().toInstant())) {
      warnings.add(
          file.warning(name + " that holds from " + certificate.getNotBefore().toInstant()));
    }
  }

  private void key(NamedFile file, Optional<X509Certificate> certificate) {
    try {
      Optional<PrivateKey> key = Pem.privateKey(text(file));
      if (key.isEmpty()) {
        problems.add(file.problem("in which there is no PEM key in PKCS#8"));
      } else if (certificate.isPresent() && !Pem.belong(key.get(), certificate.get())) {
        problems.add(file.problem("which is the key of another certificate than clientCert's"));
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      problems.add(file.problem("which holds a key that cannot be read"));
    } catch (IOException e) {
      problems.add(file.problem(matter(e)));
    }
  }

  private static String text(NamedFile file) throws IOException {
    Path path = Path.of(file.file());
    if (Files.isDirectory(path)) {
      throw new IOException("which is a folder");
    } else if (Files.size(path) > LARGEST) {
      throw new IOException("which is larger than %d bytes".formatted(LARGEST));
    }
    return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
  }

  private static String matter(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    } else if (e instanceof AccessDeniedException) {
      return "which this user may not read";
    }
    return String.valueOf(e.getMessage());
  }
}
