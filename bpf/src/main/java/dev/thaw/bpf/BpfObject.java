package dev.thaw.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.thaw.bpf.os.LibC;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled BPF object from this module's resources, on its way into the kernel. One thread. */
final class BpfObject implements AutoCloseable {
  private final String resource;
  private final Memory bytes; // libbpf reads it until load
  private final Pointer object;
  private boolean closed;

  private BpfObject(String resource, Memory bytes, Pointer object) {
    this.resource = resource;
    this.bytes = bytes;
    this.object = object;
  }

  static BpfObject open(String resource) {
    try (var stream = BpfObject.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new BpfException(resource + " is missing from this build: run make build");
      }
      return of(resource, stream.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An object that is no resource; {@code name} is what exceptions call it. */
  static BpfObject of(String name, byte[] content) {
    var bytes = new Memory(content.length);
    bytes.write(0, content, 0, content.length);
    byte[] called = Native.toByteArray(name.replaceFirst("\\..*", ""));
    try (var text = new Memory(called.length);
        var options = new Memory(16)) { // libbpf would call it by an address of this moment
      text.write(0, called, 0, called.length);
      options.setLong(0, options.size());
      options.setPointer(8, text);
      Pointer object = LibBpf.bpf_object__open_mem(bytes, bytes.size(), options);
      if (object == null) {
        throw refused(name + " cannot be opened", LibC.errno());
      }
      return new BpfObject(name, bytes, object);
    }
  }

  /** Pins these maps on load, or takes those that are pinned there already. */
  BpfObject pinning(Pins pins, Set<String> maps) {
    for (String map : maps) {
      check(
          LibBpf.bpf_map__set_pin_path(map(map), pins.path(map).toString()),
          "map " + map + " cannot be pinned");
    }
    return this;
  }

  BpfObject without(String program) {
    check(
        LibBpf.bpf_program__set_autoload(program(program), (byte) 0),
        program + " cannot be left out");
    return this;
  }

  BpfObject load() {
    int result = LibBpf.bpf_object__load(object);
    if (result < 0) {
      close();
      throw refused("the kernel refused " + resource, -result);
    }
    return this;
  }

  /** Overrides how many entries, or bytes of a ring, this map is made with. */
  BpfObject sized(String map, int entries) {
    check(LibBpf.bpf_map__set_max_entries(map(map), entries), "map " + map + " cannot be sized");
    return this;
  }

  /** Before {@link #load}: for programs whose section does not say how they are attached. */
  BpfObject expecting(String program, int attachType) {
    check(
        LibBpf.bpf_program__set_expected_attach_type(program(program), attachType),
        program + " cannot be of another attach type");
    return this;
  }

  int programFd(String program) {
    return LibBpf.bpf_program__fd(program(program));
  }

  /** Attaches where the program's section says, for as long as the link or this process lives. */
  Pointer attach(String program) {
    return linked(LibBpf.bpf_program__attach(program(program)), program);
  }

  /** Attaches to a perf event's descriptor, which ends with the link, or with a refusal. */
  Pointer attachPerfEvent(String program, int perfEvent) {
    try {
      return linked(LibBpf.bpf_program__attach_perf_event(program(program), perfEvent), program);
    } catch (BpfException e) {
      LibC.close(perfEvent);
      throw e;
    }
  }

  /**
   * Puts a probe on an instruction of a file for as long as the link or this process lives; the
   * program can ask which probe it was by its cookie (Linux 5.15).
   */
  Pointer attachUprobeWithCookie(String program, Path file, long offset, long cookie) {
    try (var options = new Memory(40)) {
      options.clear();
      options.setLong(0, options.size());
      options.setLong(16, cookie);
      return linked(
          LibBpf.bpf_program__attach_uprobe_opts(
              program(program), -1, file.toString(), offset, options),
          program);
    }
  }

  private static Pointer linked(@Nullable Pointer link, String program) {
    if (link == null) {
      throw refused(program + " cannot be attached", LibC.errno());
    }
    return link;
  }

  /** Whether a program was not left out of {@link #load}. */
  boolean hasLoaded(String program) {
    return LibBpf.bpf_program__fd(program(program)) >= 0;
  }

  int mapFd(String name) {
    return LibBpf.bpf_map__fd(map(name));
  }

  /**
   * Attaches where the program's section says, and pins the link so that it outlives this process.
   */
  void attachPinned(String program, Pins pins) {
    pin(LibBpf.bpf_program__attach(program(program)), program, pins);
  }

  void attachPinned(String program, Path cgroup, Pins pins) {
    int fd = LibC.open(cgroup.toString(), LibC.O_DIRECTORY_RDONLY_CLOEXEC, 0);
    if (fd < 0) {
      throw refused("cgroup " + cgroup + " cannot be opened", LibC.errno());
    }
    try {
      pin(LibBpf.bpf_program__attach_cgroup(program(program), fd), program, pins);
    } finally {
      LibC.close(fd);
    }
  }

  private static void pin(@Nullable Pointer link, String program, Pins pins) {
    if (link == null) {
      throw refused(program + " cannot be attached", LibC.errno());
    }
    pin(link, program, pins.path("link_" + program));
  }

  private static void pin(Pointer link, String program, Path pin) {
    int result = LibBpf.bpf_link__pin(link, pin.toString());
    LibBpf.bpf_link__destroy(link); // the pin keeps it
    if (result < 0) {
      throw refused(program + " cannot be pinned", -result);
    }
  }

  /** Puts a probe on an instruction of a file, until {@code pin} is removed. */
  void attachUprobe(String program, Path file, long offset, Path pin) {
    try (var options = new Memory(40)) {
      options.clear();
      options.setLong(0, options.size());
      Pointer link =
          LibBpf.bpf_program__attach_uprobe_opts(
              program(program), -1, file.toString(), offset, options);
      if (link == null) {
        throw refused(program + " cannot be attached to " + file, LibC.errno());
      }
      pin(link, program, pin);
    }
  }

  /** What the kernel has spent in a program while run times were counted. */
  long runNanos(String program) {
    return ProgramInfo.of(programFd(program)).map(ProgramInfo::runNanos).orElse(0L);
  }

  private Pointer map(String name) {
    Pointer map = LibBpf.bpf_object__find_map_by_name(object, name);
    if (map == null) {
      throw new BpfException(resource + " has no map " + name);
    }
    return map;
  }

  private Pointer program(String name) {
    Pointer program = LibBpf.bpf_object__find_program_by_name(object, name);
    if (program == null) {
      throw new BpfException(resource + " has no program " + name);
    }
    return program;
  }

  static boolean isPinned(Pins pins, String program) {
    return Files.exists(pins.path("link_" + program));
  }

  private static void check(int result, String what) {
    if (result < 0) {
      throw refused(what, -result);
    }
  }

  private static BpfException refused(String what, int errno) {
    Complaint said = LibBpf.complaint();
    String more = said.brief().isEmpty() ? "" : ", " + said.brief();
    String cure =
        errno == LibC.EPERM ? "; this needs root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN" : "";
    return new BpfException(what + ": " + LibC.message(errno) + more + cure, said.whole());
  }

  /** Again does no harm: libbpf would free it again. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      LibBpf.bpf_object__close(object);
      bytes.close();
    }
  }
}
