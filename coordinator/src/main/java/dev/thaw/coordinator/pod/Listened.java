package dev.thaw.coordinator.pod;

import dev.thaw.config.Endpoint;
import java.util.Optional;

/**
 * Where a start listens and has listened.
 *
 * @param open the listener the policy asks for, while it is open
 * @param closed the same once it has closed, while none is open: a listen that fails shows so too
 * @param elsewhere the last other listener it opened
 * @param takenBy who listened on its address before it was started; empty: nobody
 */
record Listened(
    Optional<Endpoint> open,
    Optional<Endpoint> closed,
    Optional<Endpoint> elsewhere,
    String takenBy) {

  static Listened nowhere(String takenBy) {
    return new Listened(Optional.empty(), Optional.empty(), Optional.empty(), takenBy);
  }

  Listened opened(Endpoint here) {
    return new Listened(Optional.of(here), Optional.empty(), elsewhere, takenBy);
  }

  Listened closed(Endpoint here) {
    return new Listened(Optional.empty(), Optional.of(here), elsewhere, takenBy);
  }

  Listened elsewhere(Endpoint other) {
    return new Listened(open, closed, Optional.of(other), takenBy);
  }

  /** Why it has not served, as far as its listeners tell. */
  String trouble(int port) {
    if (open.isPresent()) {
      return "it listens on " + open.get() + " and has answered no probe";
    } else if (closed.isPresent()) {
      return "it listens on "
          + closed.get()
          + " no more: its listen failed, or it closed it again"
          + taken();
    }
    return "it never listened on port "
        + port
        + elsewhere.map(other -> " but on " + other).orElse("")
        + taken();
  }

  private String taken() {
    return takenBy.isEmpty() ? "" : "; " + takenBy + " listened there before it was started";
  }
}
