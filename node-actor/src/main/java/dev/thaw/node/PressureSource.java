package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.HostPressure;
import dev.thaw.bpf.os.Stalls;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Where a node's pressure is read; one thread. */
interface PressureSource extends AutoCloseable {

  /** What BPF programs counted; empty where none can be loaded. */
  Optional<HostPressure.Reading> counts();

  /** Stalls of the machine. */
  Map<Stalls.Resource, Stalls.Stall> machine();

  /** Stalls of a cgroup2 folder. */
  Map<Stalls.Resource, Stalls.Stall> group(Path folder);

  @Override
  void close();

  /**
   * The kernel's own figures.
   *
   * @param loading whether programs may be loaded at all
   * @param trouble told why the kernel refused ours; the rest is read without them
   */
  static PressureSource open(boolean loading, Consumer<String> trouble) {
    try {
      Optional<HostPressure> programs =
          loading ? Optional.of(HostPressure.open()) : Optional.empty();
      programs
          .map(HostPressure::missing)
          .filter(missing -> !missing.isEmpty())
          .ifPresent(missing -> trouble.accept(String.join("; ", missing)));
      return of(programs);
    } catch (BpfException e) {
      trouble.accept(String.valueOf(e.getMessage()));
      return of(Optional.empty());
    }
  }

  private static PressureSource of(Optional<HostPressure> programs) {
    return new PressureSource() {
      @Override
      public Optional<HostPressure.Reading> counts() {
        return programs.map(HostPressure::read);
      }

      @Override
      public Map<Stalls.Resource, Stalls.Stall> machine() {
        return Stalls.ofMachine();
      }

      @Override
      public Map<Stalls.Resource, Stalls.Stall> group(Path folder) {
        return Stalls.ofGroup(folder);
      }

      @Override
      public void close() {
        programs.ifPresent(HostPressure::close);
      }
    };
  }
}
