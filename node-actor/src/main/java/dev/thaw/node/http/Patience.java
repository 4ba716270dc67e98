package dev.thaw.node.http;

/**
 * How many PINGs a server puts up with: gRPC's servers end a connection after a few that bring it
 * no work. Two since the last HEADERS or DATA of the server are safe with all that were tried.
 * Pure.
 *
 * @param spent PINGs since the server's last HEADERS or DATA
 */
record Patience(int spent) {
  private static final int AT_MOST = 2;

  static final Patience FULL = new Patience(0);

  boolean allows() {
    return spent < AT_MOST;
  }

  Patience pinged() {
    return new Patience(spent + 1);
  }
}
