package dev.thaw.bpf;

import com.sun.jna.Memory;
import dev.thaw.bpf.os.LibC;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One BPF map by its descriptor; keys and values are bytes in the machine's order. Any thread. */
final class BpfMap implements AutoCloseable {
  /** {@code BPF_F_RDONLY}. */
  private static final int READ_ONLY = 8;

  private final String name;
  private final int fd;
  private final int keySize;
  private final int valueSize;

  BpfMap(String name, int fd, int keySize, int valueSize) {
    if (fd < 0) {
      throw new BpfException("map " + name + " cannot be opened: " + LibC.message(-fd));
    }
    this.name = name;
    this.fd = fd;
    this.keySize = keySize;
    this.valueSize = valueSize;
  }

  static BpfMap pinned(Pins pins, String name, int keySize, int valueSize) {
    return new BpfMap(name, LibBpf.bpf_obj_get(pins.path(name).toString()), keySize, valueSize);
  }

  /** Through it nothing can be written. */
  static BpfMap pinnedReadOnly(Pins pins, String name, int keySize, int valueSize) {
    try (var options = new Memory(16)) {
      options.clear();
      options.setLong(0, options.size());
      options.setInt(8, READ_ONLY);
      int fd = LibBpf.bpf_obj_get_opts(pins.path(name).toString(), options);
      return new BpfMap(name, fd, keySize, valueSize);
    }
  }

  int fd() {
    return fd;
  }

  /** A zeroed buffer in the machine's byte order. */
  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  static ByteBuffer key(int value) {
    return buffer(Integer.BYTES).putInt(0, value);
  }

  Optional<ByteBuffer> get(ByteBuffer key) {
    try (var nativeKey = memory(key, keySize);
        var value = new Memory(valueSize)) {
      int result = LibBpf.bpf_map_lookup_elem(fd, nativeKey, value);
      if (result == -LibC.ENOENT) {
        return Optional.empty();
      }
      check(result, "read");
      return Optional.of(copy(value, valueSize));
    }
  }

  void put(ByteBuffer key, ByteBuffer value) {
    check(update(key, value, 0), "written");
  }

  /** Leaves an existing value as it is. */
  void putIfAbsent(ByteBuffer key, ByteBuffer value) {
    int result = update(key, value, 1);
    if (result != -LibC.EEXIST) {
      check(result, "written");
    }
  }

  private int update(ByteBuffer key, ByteBuffer value, long flags) {
    try (var nativeKey = memory(key, keySize);
        var nativeValue = memory(value, valueSize)) {
      return LibBpf.bpf_map_update_elem(fd, nativeKey, nativeValue, flags);
    }
  }

  boolean remove(ByteBuffer key) {
    try (var nativeKey = memory(key, keySize)) {
      int result = LibBpf.bpf_map_delete_elem(fd, nativeKey);
      if (result == -LibC.ENOENT) {
        return false;
      }
      check(result, "deleted from");
      return true;
    }
  }

  /** All keys; ones that come or go meanwhile may or may not be among them. */
  List<ByteBuffer> keys() {
    var keys = new ArrayList<ByteBuffer>();
    try (var next = new Memory(keySize);
        var last = new Memory(keySize)) {
      int result = LibBpf.bpf_map_get_next_key(fd, null, next);
      while (result == 0) {
        keys.add(copy(next, keySize));
        last.write(0, next.getByteArray(0, keySize), 0, keySize);
        result = LibBpf.bpf_map_get_next_key(fd, last, next);
      }
      if (result != -LibC.ENOENT) {
        check(result, "listed");
      }
    }
    return keys;
  }

  private static Memory memory(ByteBuffer bytes, int size) {
    var memory = new Memory(size);
    memory.write(0, bytes.array(), bytes.arrayOffset(), size);
    return memory;
  }

  private static ByteBuffer copy(Memory memory, int size) {
    return ByteBuffer.wrap(memory.getByteArray(0, size)).order(ByteOrder.nativeOrder());
  }

  private void check(int result, String what) {
    if (result < 0) {
      throw new BpfException("map " + name + " cannot be " + what + ": " + LibC.message(-result));
    }
  }

  @Override
  public void close() {
    LibC.close(fd);
  }
}
