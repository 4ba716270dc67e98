package dev.thaw.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why a file could not be read or written: the JDK says it by the exception's class alone. Pure.
 */
public final class FileTrouble {

  private FileTrouble() {}

  /** Such as {@code permission denied}; never a path, which the sentence around it names. */
  public static String why(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    } else if (e instanceof AccessDeniedException) {
      return "permission denied";
    } else if (e instanceof FileAlreadyExistsException) {
      return "a file of this name is there";
    } else if (e instanceof NotDirectoryException) {
      return "not a folder";
    } else if (e instanceof CharacterCodingException) {
      return "no text in UTF-8";
    } else if (e instanceof FileSystemException failed && failed.getReason() != null) {
      return failed.getReason();
    }
    return String.valueOf(e.getMessage());
  }

  /** With the path, where the exception has one. */
  public static String sentence(IOException e) {
    return e instanceof FileSystemException failed && failed.getFile() != null
        ? failed.getFile() + ": " + why(e)
        : why(e);
  }

  /** The same of what a stream or a control group threw unchecked. */
  public static String sentence(UncheckedIOException e) {
    IOException cause = e.getCause();
    return cause == null ? String.valueOf(e.getMessage()) : sentence(cause);
  }
}
