package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.Pins;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a node's programs and maps are pinned. Blocking.
 *
 * @param folder with one for each of its owners
 */
record NodePins(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(NodePins.class);

  /** Of {@link KernelSignals}. */
  Pins startup() {
    return new Pins(folder.resolve("startup"));
  }

  /** Of {@link KernelTable}. */
  Pins balance() {
    return new Pins(folder.resolve("balance"));
  }

  /**
   * Once their owners have let go: the pins of signals, of any version; then the folder and its
   * parent, unless another run's are in there.
   */
  void removeAll() {
    try {
      startup().removeAll();
    } catch (BpfException e) {
      LOG.warn("pins stay why={}", e.getMessage());
    }
    Path above = folder.getParent();
    if (folder.toFile().delete() && above != null && !above.toFile().delete()) {
      LOG.debug("folder stays path={}", above);
    }
  }
}
