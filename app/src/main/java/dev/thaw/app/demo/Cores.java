package dev.thaw.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The cores that this process may run on, which in a container need not be the machine's first.
 *
 * @param numbers as the kernel counts them, at least one
 */
record Cores(List<Integer> numbers) {
  private static final String FIELD = "Cpus_allowed_list:";

  Cores {
    numbers = List.copyOf(numbers);
    if (numbers.isEmpty()) {
      throw new IllegalArgumentException("no core may be used (expected: at least one)");
    }
  }

  /** Those of this process. */
  static Cores allowed() throws IOException {
    return of(Files.readAllLines(Path.of("/proc/self/status")));
  }

  /** Those that a process's status names, such as {@code 0-1,4}. */
  static Cores of(List<String> status) throws IOException {
    String list =
        status.stream()
            .filter(line -> line.startsWith(FIELD))
            .findFirst()
            .orElseThrow(() -> new IOException("/proc/self/status has no " + FIELD))
            .substring(FIELD.length())
            .strip();
    var numbers = new ArrayList<Integer>();
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", 2);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
        numbers.add(core);
      }
    }
    return new Cores(numbers);
  }

  /** The first, as {@code taskset} takes it. */
  String first() {
    return numbers.get(0).toString();
  }

  /** All but the first; where there is no other, that one. */
  String others() {
    return numbers.size() == 1
        ? first()
        : numbers.stream().skip(1).map(String::valueOf).collect(Collectors.joining(","));
  }
}
