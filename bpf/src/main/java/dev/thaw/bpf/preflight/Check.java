package dev.thaw.bpf.preflight;

import java.util.Set;

/**
 * One check with its verdict.
 *
 * @param name short and stable, for scripts
 * @param consequence what is lost, or may be; empty when nothing is
 * @param cure what brings it back, or tells; empty when nothing is lost
 * @param off the parts of Thaw that do not work because of it
 * @param detail what a report of it should hold beside, line by line; mostly empty
 */
public record Check(
    String name,
    Verdict verdict,
    String found,
    String needed,
    String consequence,
    String cure,
    Set<Part> off,
    String detail) {

  public Check {
    off = Set.copyOf(off);
  }

  static Check ok(String name, String found, String needed) {
    return new Check(name, Verdict.OK, found, needed, "", "", Set.of(), "");
  }

  static Check unknown(String name, String found, String needed, String consequence, String cure) {
    return new Check(name, Verdict.UNKNOWN, found, needed, consequence, cure, Set.of(), "");
  }

  static Check degraded(
      String name, String found, String needed, String consequence, String cure, Part... off) {
    return new Check(name, Verdict.DEGRADED, found, needed, consequence, cure, Set.of(off), "");
  }

  static Check unfit(
      String name, String found, String needed, String consequence, String cure, Part... off) {
    return new Check(name, Verdict.UNFIT, found, needed, consequence, cure, Set.of(off), "");
  }

  Check with(String detail) {
    return new Check(name, verdict, found, needed, consequence, cure, off, detail);
  }

  /** All of a failed check in one sentence. */
  public String sentence() {
    return "%s: %s (needed: %s): %s; %s".formatted(name, found, needed, consequence, cure);
  }
}
