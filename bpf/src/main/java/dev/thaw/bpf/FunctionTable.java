package dev.thaw.bpf;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions of an executable file by address, as the linker laid them out. Names are decoded when
 * asked for: most never are. Any thread.
 */
final class FunctionTable {
  private final long[] starts; // ascending
  private final long[] ends; // 0: where the next begins
  private final Names names;

  /** Tells the name of the function at an index. */
  interface Names {
    String of(int index);
  }

  FunctionTable(long[] starts, long[] ends, Names names) {
    this.starts = starts;
    this.ends = ends;
    this.names = names;
  }

  int size() {
    return starts.length;
  }

  /** The function that holds this address. */
  Optional<String> at(long address) {
    int found = Arrays.binarySearch(starts, address);
    int index = found >= 0 ? found : -found - 2;
    if (index < 0 || ends[index] != 0 && address >= ends[index]) {
      return Optional.empty();
    }
    return Optional.ofNullable(name(index));
  }

  /** Where the functions of these names begin, those that there are. */
  Map<String, Long> addresses(Set<String> wanted) {
    var found = new HashMap<String, Long>();
    for (int i = 0; i < starts.length && found.size() < wanted.size(); i++) {
      String name = name(i);
      if (name != null && wanted.contains(name)) {
        found.putIfAbsent(name, starts[i]);
      }
    }
    return found;
  }

  private @Nullable String name(int index) {
    try {
      return names.of(index);
    } catch (IndexOutOfBoundsException | ElfFile.MalformedException | UncheckedIOException e) {
      return null; // it lies outside of the file, or that can be read no more
    }
  }
}
