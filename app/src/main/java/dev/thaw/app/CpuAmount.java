package dev.thaw.app;

import dev.thaw.config.Millicores;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a CPU limit, such as {@code 300m}, of a command line. */
public final class CpuAmount implements ITypeConverter<Millicores> {
  /** The kernel grants a millisecond of its period of 100 or more. */
  private static final int LEAST = 10;

  @Override
  public Millicores convert(String word) {
    try {
      Millicores limit = Millicores.parse(word);
      if (limit.value() < LEAST) {
        throw new TypeConversionException(
            "\"" + word + "\" (expected: " + LEAST + "m or more, the least that Linux grants)");
      }
      return limit;
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
