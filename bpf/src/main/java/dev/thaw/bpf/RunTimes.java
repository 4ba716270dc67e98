package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lets the kernel count how long every BPF program of the machine runs, from {@link #count} to
 * {@link #close} or the end of this process. Counting itself takes some 40 ns a run, which it
 * counts too (docs/benchmarks.md). Needs Linux 5.8 and root. Any thread.
 */
public final class RunTimes implements AutoCloseable {
  private static final int RUN_TIME = 0;

  private final int fd;

  /** What one program has taken since it was loaded, while run times were counted. */
  public record Used(long nanos, long runs) {}

  private RunTimes(int fd) {
    this.fd = fd;
  }

  /**
   * Begins to count.
   *
   * @throws BpfException when the kernel refuses
   */
  public static RunTimes count() {
    int fd = LibBpf.bpf_enable_stats(RUN_TIME);
    if (fd < 0) {
      throw new BpfException("run times of BPF programs cannot be counted: " + LibC.message(-fd));
    }
    return new RunTimes(fd);
  }

  /** Of the programs whose links are pinned in this folder, by program. */
  public Map<String, Used> of(Pins pins) {
    var used = new TreeMap<String, Used>();
    var seen = new HashSet<Integer>();
    for (String pin : pins.names()) {
      Optional<String> program = program(pin);
      if (program.isPresent()) {
        int id = programId(pins.path(pin).toString());
        if (seen.add(id)) { // a program of marks has a link per image
          ProgramInfo.ofId(id)
              .ifPresent(info -> used.put(program.get(), new Used(info.runNanos(), info.runs())));
        }
      }
    }
    return used;
  }

  /** Whose link this pin keeps; empty when it keeps a map. */
  private static Optional<String> program(String pin) {
    if (pin.startsWith("link_")) {
      return Optional.of(pin.substring("link_".length()));
    }
    return MarkedImages.program(pin);
  }

  private static int programId(String pin) {
    int link = LibBpf.bpf_obj_get(pin);
    if (link < 0) {
      return 0; // unpinned meanwhile
    }
    try (var info = new Memory(64);
        var length = new Memory(4)) {
      info.clear();
      length.setInt(0, (int) info.size());
      return LibBpf.bpf_obj_get_info_by_fd(link, info, length) < 0 ? 0 : info.getInt(8);
    } finally {
      LibC.close(link);
    }
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
