package dev.thaw.node;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a node is told once, at its start.
 *
 * @param name of the node
 * @param stateFolder where it keeps its register of processes
 * @param pinFolder where BPF maps and links are pinned
 * @param cover the control group whose processes' connects are balanced; empty: all of the machine
 * @param cgroupParent such as {@code thaw/orders}: every pod gets a group below
 * @param firstStart whether an image's first start may be held up
 * @param startsSocket where starts are pushed to whoever connects; its folder is made if missing
 */
public record NodeSettings(
    String name,
    Path stateFolder,
    Path pinFolder,
    Optional<Path> cover,
    String cgroupParent,
    FirstStart firstStart,
    Path startsSocket) {

  /** Of a node that holds nobody up, with its socket in its state folder. */
  public NodeSettings(
      String name, Path stateFolder, Path pinFolder, Optional<Path> cover, String cgroupParent) {
    this(
        name,
        stateFolder,
        pinFolder,
        cover,
        cgroupParent,
        FirstStart.MISS,
        stateFolder.resolve(StartsSocket.NAME));
  }
}
