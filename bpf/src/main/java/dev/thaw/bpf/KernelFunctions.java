package dev.thaw.bpf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;

/** The kernel's functions by address, where it lets us see them. Immutable. */
final class KernelFunctions {
  private final long[] addresses; // ascending, as unsigned numbers
  private final String[] names;

  private record Function(long address, String name) {}

  private KernelFunctions(Function[] functions) {
    this.addresses = Arrays.stream(functions).mapToLong(f -> signed(f.address())).toArray();
    this.names = Arrays.stream(functions).map(Function::name).toArray(String[]::new);
  }

  private static long signed(long unsigned) {
    return unsigned + Long.MIN_VALUE;
  }

  /** From {@code /proc/kallsyms}; nothing is known where its addresses are hidden. */
  static KernelFunctions read() {
    try (var lines = Files.lines(Path.of("/proc/kallsyms"), StandardCharsets.ISO_8859_1)) {
      return parse(lines);
    } catch (IOException e) {
      return parse(Stream.empty());
    }
  }

  static KernelFunctions parse(Stream<String> lines) {
    return new KernelFunctions(
        lines
            .map(line -> line.split("[ \t]", 4))
            .filter(fields -> fields.length >= 3 && fields[1].equalsIgnoreCase("t"))
            .map(fields -> new Function(Long.parseUnsignedLong(fields[0], 16), fields[2]))
            .filter(function -> function.address() != 0)
            .sorted(Comparator.comparingLong(function -> signed(function.address())))
            .toArray(Function[]::new));
  }

  String name(long address) {
    int found = Arrays.binarySearch(addresses, signed(address));
    int index = found >= 0 ? found : -found - 2;
    return index < 0 ? "[kernel code]" : names[index];
  }
}
