package dev.thaw.bpf;

import java.util.Optional;
import java.util.OptionalLong;

/** Every function of a Go program by address, stripped or not. */
final class GoSymbols {
  private GoSymbols() {}

  /**
   * Empty when this is no Go program, or its text's start is not known for sure.
   *
   * @throws ElfFile.MalformedException when its table leads out of the file
   */
  static Optional<FunctionTable> functions(ElfFile elf) {
    Optional<GoTable> found = GoTable.find(elf);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    GoTable table = found.get();
    if (!table.fits()) { // before anything is reserved for so many
      throw new ElfFile.MalformedException(table.size() + " functions in " + elf.size() + " bytes");
    }
    OptionalLong text = table.text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    long[] starts = new long[table.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = text.getAsLong() + table.distance(i);
    }
    return Optional.of(
        new FunctionTable(starts, new long[starts.length], i -> ElfText.at(elf, table.name(i))));
  }
}
