package dev.thaw.bpf;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Functions of an executable file by address, as the linker laid them out. Names are decoded when
 * asked for: most never are. Any thread.
 */
final class FunctionTable {
  private final long[] starts; // ascending
  private final long[] ends; // 0: where the next begins
  private final Names names;

  /** Tells the name of the function at an index, or null when the file's own table is broken. */
  interface Names {
    @Nullable String of(int index);
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
    return Optional.ofNullable(names.of(index));
  }

  /** Where the function of this name begins; looks at every name. */
  OptionalLong address(String name) {
    for (int i = 0; i < starts.length; i++) {
      if (name.equals(names.of(i))) {
        return OptionalLong.of(starts[i]);
      }
    }
    return OptionalLong.empty();
  }
}
