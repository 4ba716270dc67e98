package dev.thaw.node;

import dev.thaw.bpf.ImageId;
import dev.thaw.bpf.KernelEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whether an image that a pod's process has become is to be looked at: not again within a second. A
 * pod that runs thousands of programs a second would else fill the queue of whoever looks. One
 * thread.
 */
final class Looks {
  private static final long SECOND = 1_000_000_000L;
  private static final int REMEMBERED = 256;

  private record Look(long group, ImageId image) {}

  private final Map<Look, Long> latest =
      new LinkedHashMap<>(REMEMBERED, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Look, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  boolean due(KernelEvent.Exec exec) {
    var look = new Look(exec.cgroupId(), exec.image());
    Long last = latest.get(look);
    if (last != null && exec.atNanos() - last < SECOND) {
      return false;
    }
    latest.put(look, exec.atNanos());
    return true;
  }
}
