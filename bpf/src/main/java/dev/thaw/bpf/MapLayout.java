package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The maps whose bytes Java reads and writes, and how long their keys and values are: the part of
 * the ABI that a version number may fail to tell.
 */
record MapLayout(String map, int keySize, int valueSize) {
  /** Compiled objects and the maps of each, most of them also the folder they are pinned under. */
  static final Map<String, List<MapLayout>> OBJECTS =
      Map.of(
          "startup",
          List.of(
              new MapLayout("watched", 16, 4),
              new MapLayout("startup_lost", 4, 8),
              new MapLayout("startup_header", 4, StartupState.HEADER_SIZE),
              new MapLayout("startup_state", StartupState.KEY_SIZE, StartupState.ROW_SIZE)),
          "balance",
          List.of(
              new MapLayout("settings", 4, 8),
              new MapLayout("services", 24, 8),
              new MapLayout("tables", 4, 4),
              new MapLayout("listeners", 24, 8),
              new MapLayout("picks", 16, Balancer.COUNT_SIZE),
              new MapLayout("cookies", 8, 16),
              new MapLayout("originals", 4, 40)),
          "pressure",
          List.of(
              new MapLayout("group_retransmits", 8, 8),
              new MapLayout("node_retransmits", 4, 8),
              new MapLayout("block_latencies", 4, HostPressure.LATENCY_BYTES)),
          "profile",
          List.of(new MapLayout("profile_target", 4, 24), new MapLayout("profile_lost", 4, 8)),
          "stop",
          List.of(
              new MapLayout("stop_known", 16, 8),
              new MapLayout("stopped", 16, StopOnExec.GUARD_SIZE)));

  /** Pinned beside those of another object, and only when somebody has asked for it. */
  private static final Map<String, String> BESIDE = Map.of("startup", "stop");

  /** How a map in the kernel differs from this; empty when it does not. */
  Optional<String> difference(int fd) {
    try (var info = new Memory(88);
        var length = new Memory(4)) {
      info.clear();
      length.setInt(0, (int) info.size());
      int result = LibBpf.bpf_obj_get_info_by_fd(fd, info, length);
      if (result < 0) {
        return Optional.of("map %s cannot be asked: %s".formatted(map, LibC.message(-result)));
      }
      int key = info.getInt(8);
      int value = info.getInt(12);
      return key == keySize && value == valueSize
          ? Optional.empty()
          : Optional.of(
              "map %s has keys of %d and values of %d bytes (expected: %d and %d)"
                  .formatted(map, key, value, keySize, valueSize));
    }
  }

  /**
   * How the maps pinned in a folder differ from those of this object, and of those that may be
   * beside it.
   */
  static List<String> differences(String object, Pins pins) {
    boolean optional = BESIDE.containsValue(object);
    var differences = new ArrayList<String>();
    for (MapLayout layout : OBJECTS.getOrDefault(object, List.of())) {
      int fd = LibBpf.bpf_obj_get(pins.path(layout.map()).toString());
      if (fd >= 0) {
        layout.difference(fd).ifPresent(differences::add);
        LibC.close(fd);
      } else if (!optional || fd != -LibC.ENOENT) {
        differences.add("map %s: %s".formatted(layout.map(), LibC.message(-fd)));
      }
    }
    if (BESIDE.containsKey(object)) {
      differences.addAll(differences(BESIDE.get(object), pins));
    }
    return differences;
  }
}
