package dev.thaw.app;

import dev.thaw.config.Millicores;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A CPU limit of a command line.
 *
 * @param written as the user did, such as {@code 300m}, {@code 0.5} or {@code 1}
 */
public record CpuLimit(String written, int millicores) {
  /** The kernel grants a millisecond of its period of 100 or more. */
  private static final int LEAST = 10;

  /** Reads one, or says what would be accepted. */
  public static final class Reader implements ITypeConverter<CpuLimit> {
    @Override
    public CpuLimit convert(String word) {
      try {
        int millicores = Millicores.parse(word).value();
        if (millicores < LEAST) {
          throw new TypeConversionException(
              "\"" + word + "\" (expected: " + LEAST + "m or more, the least that Linux grants)");
        }
        return new CpuLimit(word, millicores);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
