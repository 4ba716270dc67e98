package dev.thaw.bpf;

import java.nio.charset.StandardCharsets;

/** A function of a language runtime whose entry says how far a start has come. */
public enum MarkKind {
  /** Go's scheduler and heap stand; package initialisation comes next. */
  RUNTIME_MAIN("runtime.main", "on_runtime_main"),
  /** Go's packages are initialised. */
  MAIN_MAIN("main.main", "on_main_main"),
  /** An HTTP server of the standard library takes connections from here on. */
  NET_HTTP_SERVE("net/http.(*Server).Serve", "on_net_http_serve"),
  /** A gRPC server takes connections from here on. */
  GRPC_SERVE("google.golang.org/grpc.(*Server).Serve", "on_grpc_serve");

  private final String symbol;
  private final String program;
  private final byte[] symbolWithNul;

  MarkKind(String symbol, String program) {
    this.symbol = symbol;
    this.symbolWithNul = (symbol + "\0").getBytes(StandardCharsets.UTF_8);
    this.program = program;
  }

  /** The function's name in the binary. */
  public String symbol() {
    return symbol;
  }

  /** As tables of names hold it; not to be written to. */
  byte[] symbolWithNul() {
    return symbolWithNul;
  }

  String program() {
    return program;
  }
}
