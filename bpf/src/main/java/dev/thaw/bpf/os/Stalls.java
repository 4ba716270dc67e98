package dev.thaw.bpf.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long tasks have stood still for want of a resource, as the kernel adds it up (PSI): of the
 * machine from {@code /proc/pressure}, of a control group from its cgroup2 folder. Any thread.
 */
public final class Stalls {
  private static final Path MACHINE = Path.of("/proc/pressure");
  private static final Pattern LINE =
      Pattern.compile("^(some|full) .*total=(\\d+)$", Pattern.MULTILINE);

  private Stalls() {}

  /** What may be short. */
  public enum Resource {
    MEMORY,
    CPU,
    IO;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Microseconds since boot, or since the group was made.
   *
   * @param some in which at least one task stood still
   * @param full in which all of them did
   */
  public record Stall(long some, long full) {}

  /** Of the whole machine; without those that this kernel does not tell. */
  public static Map<Resource, Stall> ofMachine() {
    return read(resource -> MACHINE.resolve(resource.word()));
  }

  /** Of one cgroup2 folder; empty when it is gone. */
  public static Map<Resource, Stall> ofGroup(Path folder) {
    return read(resource -> folder.resolve(resource.word() + ".pressure"));
  }

  private static Map<Resource, Stall> read(Function<Resource, Path> file) {
    var stalls = new EnumMap<Resource, Stall>(Resource.class);
    for (Resource resource : Resource.values()) {
      try {
        parse(Files.readString(file.apply(resource)))
            .ifPresent(stall -> stalls.put(resource, stall));
      } catch (IOException e) {
        continue; // no such page: a kernel without PSI, or with it switched off
      }
    }
    return stalls;
  }

  /** From the two lines of a page; a page without a line for {@code full} has none of it. */
  static Optional<Stall> parse(String page) {
    long some = -1;
    long full = 0;
    Matcher line = LINE.matcher(page);
    while (line.find()) {
      long total = Long.parseLong(line.group(2));
      if (line.group(1).equals("some")) {
        some = total;
      } else {
        full = total;
      }
    }
    return some < 0 ? Optional.empty() : Optional.of(new Stall(some, full));
  }
}
