package dev.thaw.app;

/** Texts of others as they may be shown on a terminal. Pure. */
public final class Printable {

  private Printable() {}

  /** The same with every control character spelt out, such as {@code \n} or {@code \x1b}. */
  public static String of(String text) {
    var shown = new StringBuilder(text.length());
    text.chars()
        .forEach(
            c -> {
              if (c == '\n') {
                shown.append("\\n");
              } else if (c == '\t') {
                shown.append("\\t");
              } else if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", c));
              } else {
                shown.append((char) c);
              }
            });
    return shown.toString();
  }
}
