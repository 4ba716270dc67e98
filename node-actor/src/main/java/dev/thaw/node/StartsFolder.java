package dev.thaw.node;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a socket that everybody may reach and nobody else may replace, whatever the umask
 * of whoever started us.
 */
final class StartsFolder {
  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rwxr-xr-x");

  private StartsFolder() {}

  /** Makes it, and those above it, where it is missing; one that is there stays as it is. */
  static void make(@Nullable Path folder) throws IOException {
    if (folder == null || Files.isDirectory(folder)) {
      return;
    }
    make(folder.getParent());
    try {
      // Never more than that, also before the next line, which adds what the umask has taken away.
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(MODE));
      Files.setPosixFilePermissions(folder, MODE);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }
}
