package dev.thaw.config;

import dev.thaw.config.YamlValue.Fields;
import dev.thaw.config.YamlValue.Items;
import dev.thaw.config.YamlValue.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One place of a policy and what stands there, perhaps nothing. Every reading method yields the
 * value, or adds one problem and yields empty.
 */
final class Spot {

  private static final Pattern DECIMAL =
      Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?");

  private final String path;
  private final @Nullable YamlValue value;
  private final Place place;
  private final Problems problems;

  /** {@code value} null: nothing stands here, and {@code place} is where it is missing. */
  Spot(String path, @Nullable YamlValue value, Place place, Problems problems) {
    this.path = path;
    this.value = value;
    this.place = place;
    this.problems = problems;
  }

  String path() {
    return path;
  }

  /** The operator wrote this, it is no default. */
  boolean said() {
    return value != null && !place.shipped();
  }

  boolean absent() {
    return value == null;
  }

  boolean isNull() {
    return value instanceof Scalar scalar && scalar.isNull();
  }

  /** Adds the problem that something else should stand here. */
  void refuse(String accepted) {
    problems.add(path, place, value == null ? "missing" : value.shown(), accepted);
  }

  /** Text that may be quoted or not. */
  Found<String> text(Predicate<String> good, String accepted) {
    if (value instanceof Scalar scalar && !scalar.isNull() && good.test(scalar.text())) {
      return found(scalar.text());
    }
    return refused(accepted);
  }

  /** The file that is named here, if one is. */
  Optional<NamedFile> file(NamedFile.Holds holds) {
    return value instanceof Scalar scalar && !scalar.isNull()
        ? Optional.of(problems.file(holds, path, place, scalar.text()))
        : Optional.empty();
  }

  <T> Found<T> choice(Map<String, T> choices) {
    String accepted = String.join(" | ", choices.keySet());
    return new Found<>(this, text(choices::containsKey, accepted).value().map(choices::get));
  }

  Found<Integer> wholeNumber(int least, int most) {
    return wholeNumber(least, most, "a whole number from " + least + " to " + most);
  }

  Found<Integer> wholeNumber(int least, int most, String accepted) {
    if (value instanceof Scalar scalar
        && scalar.plain()
        && scalar.text().matches("[0-9]{1,9}")
        && Integer.parseInt(scalar.text()) >= least
        && Integer.parseInt(scalar.text()) <= most) {
      return found(Integer.parseInt(scalar.text()));
    }
    return refused(accepted);
  }

  Found<Double> decimal(double least, double most, String accepted) {
    if (value instanceof Scalar scalar
        && scalar.plain()
        && DECIMAL.matcher(scalar.text()).matches()) {
      double number = Double.parseDouble(scalar.text()) + 0.0; // makes -0 an ordinary 0
      if (number >= least && number <= most) {
        return found(number);
      }
    }
    return refused(accepted);
  }

  Found<Duration> duration(Duration least, Duration most) {
    if (value instanceof Scalar scalar) {
      Optional<Duration> read = DurationText.parse(scalar.text());
      if (read.isPresent() && read.get().compareTo(least) >= 0 && read.get().compareTo(most) <= 0) {
        return found(read.get());
      }
    }
    return refused(
        "a duration from %s to %s, such as 200ms, 5s, 2m or 1h"
            .formatted(DurationText.print(least), DurationText.print(most)));
  }

  /** The places of a list's items; none, and a problem, if there is no list or a wrong number. */
  List<Spot> items(int least, int most, String what) {
    if (!(value instanceof Items items)
        || items.values().size() < least
        || items.values().size() > most) {
      refuse("a list of %d to %d %s".formatted(least, most, what));
      return List.of();
    }
    List<Spot> spots = new ArrayList<>();
    for (YamlValue item : items.values()) {
      spots.add(new Spot(path + "[" + spots.size() + "]", item, item.place(), problems));
    }
    return spots;
  }

  /** The section that stands here; if something else does, an empty one whose problems are mute. */
  Section section() {
    if (value instanceof Fields fields) {
      return new Section(path, fields, problems);
    }
    refuse("a section");
    return new Section(path, new Fields(Map.of(), Map.of(), place), new Problems(""));
  }

  private <T> Found<T> found(T read) {
    return new Found<>(this, Optional.of(read));
  }

  private <T> Found<T> refused(String accepted) {
    refuse(accepted);
    return new Found<>(this, Optional.empty());
  }
}
