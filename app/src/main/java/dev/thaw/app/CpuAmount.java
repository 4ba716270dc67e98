package dev.thaw.app;

import dev.thaw.config.Millicores;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an amount of CPU, such as {@code 300m}, of a command line. */
public final class CpuAmount implements ITypeConverter<Millicores> {
  @Override
  public Millicores convert(String word) {
    try {
      return Millicores.parse(word);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
