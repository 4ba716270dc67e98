package dev.thaw.bpf;

/** A function of a language runtime whose entry says how far a start has come. */
public enum MarkKind {
  /** Go's scheduler and heap stand; package initialisation comes next. */
  RUNTIME_MAIN("runtime.main", "on_runtime_main"),
  /** Go's packages are initialised. */
  MAIN_MAIN("main.main", "on_main_main");

  private final String symbol;
  private final String program;

  MarkKind(String symbol, String program) {
    this.symbol = symbol;
    this.program = program;
  }

  /** The function's name in the binary. */
  public String symbol() {
    return symbol;
  }

  String program() {
    return program;
  }
}
