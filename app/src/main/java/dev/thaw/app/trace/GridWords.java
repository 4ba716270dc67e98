package dev.thaw.app.trace;

import dev.thaw.app.trace.Grid.Cell;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a grid of limits says, in sentences. Pure. */
final class GridWords {

  private GridWords() {}

  /**
   * @param effects the strongest first
   */
  static String sentence(List<Cell> cells, List<LimitEffect> effects) {
    String failures = failures(cells);
    if (cells.stream().allMatch(cell -> cell.values().isEmpty())) {
      return "No start answered under any of these limits.";
    } else if (effects.isEmpty()) {
      return "With one cell there is nothing to compare." + failures;
    }
    Optional<LimitEffect> main = effects.stream().filter(LimitEffect::sure).findFirst();
    if (main.isEmpty()) {
      return nothing(effects) + failures;
    }
    String others =
        effects.stream()
            .filter(each -> each != main.get())
            .map(
                each ->
                    "; " + each.limit() + (each.sure() ? ": " + words(each) : " " + unproven(each)))
            .collect(Collectors.joining());
    return "The start is most sensitive to %s: %s%s.%s"
        .formatted(main.get().limit(), words(main.get()), others, failures);
  }

  private static String nothing(List<LimitEffect> effects) {
    return effects.stream().allMatch(LimitEffect::tooFew)
        ? "So few starts cannot show a difference, however far apart they are (%s); more --runs would tell."
            .formatted(words(effects.get(0)))
        : "No limit made a difference beyond chance (%s); more --runs, or limits further apart, would tell."
            .formatted(
                effects.stream()
                    .map(each -> "%s: %s".formatted(each.limit(), words(each)))
                    .collect(Collectors.joining("; ")));
  }

  private static String unproven(LimitEffect effect) {
    return (effect.tooFew()
            ? "cannot be shown to make a difference by so few starts"
            : "made no difference beyond chance")
        + " (%s)".formatted(words(effect));
  }

  private static String words(LimitEffect effect) {
    String failures =
        effect.levels().stream().anyMatch(level -> level.failed() > 0)
            ? effect.levels().stream().map(GridWords::answers).collect(Collectors.joining(", "))
            : "";
    String times = effect.factor().isPresent() ? times(effect) : "";
    String chance = String.format(Locale.ROOT, " (p = %.3f)", effect.chance());
    if (failures.isEmpty()) {
      return times + chance;
    }
    return effect.deadly() || times.isEmpty()
        ? failures + (times.isEmpty() ? "" : "; " + times)
        : times + chance;
  }

  private static String answers(LimitEffect.Level level) {
    String at = "at " + level.value();
    if (level.failed() == 0) {
      return at + " all " + level.starts() + " starts answered";
    }
    return "%s %d of %d did not answer%s"
        .formatted(
            at,
            level.failed(),
            level.starts(),
            level.killed() == 0 ? "" : " (" + level.killed() + " killed for want of memory)");
  }

  private static String times(LimitEffect effect) {
    double factor = effect.factor().orElseThrow();
    return String.format(
        Locale.ROOT,
        factor >= 1
            ? "from %s to %s the first 200 comes %.2f times as fast"
            : "from %s to %s the first 200 takes %.2f times as long",
        effect.first().value(),
        effect.last().value(),
        factor >= 1 ? factor : 1 / factor);
  }

  private static String failures(List<Cell> cells) {
    int failed = cells.stream().mapToInt(Cell::failed).sum();
    return failed == 0
        ? ""
        : " %s did not answer in time and rank%s as the slowest."
            .formatted(Words.count(failed, "start"), failed == 1 ? "s" : "");
  }
}
