package dev.thaw.bpf;

import com.sun.jna.Callback;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.thaw.bpf.os.LibC;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * libbpf's calls, by direct mapping. A null pointer handed to libbpf ends the JVM: callers check
 * every pointer they get. Any thread.
 */
final class LibBpf {
  private static final int KEPT_LINES = 40;
  private static final ArrayDeque<String> SAID = new ArrayDeque<>();

  /** Held here for ever: the native side keeps calling it. */
  private static final PrintFunction PRINT = LibBpf::keep;

  static {
    Native.register(LibBpf.class, NativeLibrary.getInstance("libbpf.so.1"));
    libbpf_set_print(PRINT);
  }

  private LibBpf() {}

  /** libbpf's message hook. */
  interface PrintFunction extends Callback {
    int invoke(int level, String format, Pointer arguments);
  }

  /** One ring buffer record. */
  interface SampleFunction extends Callback {
    int invoke(Pointer context, Pointer data, long size);
  }

  static native @Nullable Pointer libbpf_set_print(PrintFunction function);

  static native @Nullable Pointer bpf_object__open_mem(
      Pointer bytes, long size, @Nullable Pointer options);

  static native int bpf_object__load(Pointer object);

  static native void bpf_object__close(Pointer object);

  static native @Nullable Pointer bpf_object__find_program_by_name(Pointer object, String name);

  static native @Nullable Pointer bpf_object__find_map_by_name(Pointer object, String name);

  static native int bpf_map__fd(Pointer map);

  static native int bpf_map__set_pin_path(Pointer map, String path);

  static native int bpf_map__set_max_entries(Pointer map, int entries);

  static native int bpf_program__fd(Pointer program);

  static native int bpf_program__set_autoload(Pointer program, byte on);

  static native @Nullable Pointer bpf_program__attach(Pointer program);

  static native @Nullable Pointer bpf_program__attach_cgroup(Pointer program, int cgroup);

  static native @Nullable Pointer bpf_program__attach_uprobe_opts(
      Pointer program, int pid, String path, long offset, Pointer options);

  static native @Nullable Pointer bpf_program__attach_perf_event(Pointer program, int perfEvent);

  static native int bpf_program__set_expected_attach_type(Pointer program, int type);

  static native int bpf_link__pin(Pointer link, String path);

  static native int bpf_link__destroy(Pointer link);

  static native int bpf_obj_get(String path);

  static native int bpf_obj_get_opts(String path, Pointer options);

  static native int bpf_enable_stats(int type);

  static native int bpf_map_create(
      int type, String name, int keySize, int valueSize, int entries, @Nullable Pointer options);

  static native int bpf_map_freeze(int map);

  static native int bpf_map_get_fd_by_id(int id);

  static native int bpf_map_lookup_elem(int map, Pointer key, Pointer value);

  static native int bpf_map_update_elem(int map, Pointer key, Pointer value, long flags);

  static native int bpf_map_delete_elem(int map, Pointer key);

  static native int bpf_map_get_next_key(int map, @Nullable Pointer key, Pointer next);

  static native int bpf_prog_query(
      int target, int attachType, int queryFlags, Pointer attachFlags, Pointer ids, Pointer count);

  static native int bpf_prog_get_fd_by_id(int id);

  static native int bpf_obj_get_info_by_fd(int fd, Pointer info, Pointer length);

  static native int libbpf_num_possible_cpus();

  static native String libbpf_version_string();

  static native @Nullable Pointer ring_buffer__new(
      int map, SampleFunction function, @Nullable Pointer context, @Nullable Pointer options);

  static native int ring_buffer__poll(Pointer ring, int timeoutMillis);

  static native int ring_buffer__consume(Pointer ring);

  static native void ring_buffer__free(Pointer ring);

  /** What libbpf has complained of lately, for an exception; and forgets it. */
  static Complaint complaint() {
    synchronized (SAID) {
      Complaint all = Complaint.of(List.copyOf(SAID));
      SAID.clear();
      return all;
    }
  }

  private static int keep(int level, String format, Pointer arguments) {
    if (level == 0) { // LIBBPF_WARN; the rest is of no use to an operator
      var line = new Memory(4096);
      LibC.vsnprintf(line, line.size(), format, arguments);
      synchronized (SAID) {
        SAID.add(line.getString(0, StandardCharsets.UTF_8.name()));
        while (SAID.size() > KEPT_LINES) {
          SAID.remove();
        }
      }
    }
    return 0;
  }
}
