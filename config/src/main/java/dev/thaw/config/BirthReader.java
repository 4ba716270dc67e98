package dev.thaw.config;

import dev.thaw.config.LadderReader.Step;
import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.GateDefaults;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.YamlValue.Fields;
import dev.thaw.config.YamlValue.Items;
import dev.thaw.config.YamlValue.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.birth}: the preset it names, and what the operator says over it. */
final class BirthReader {

  private static final Duration SHORTEST_GATE = Duration.ofMillis(100);

  private BirthReader() {}

  static Optional<Birth> read(Section said, Evidence evidence) {
    Spot presetSpot = said.at("preset");
    Found<String> resource = presetSpot.choice(Choices.PRESETS);
    Fields preset = Shipped.preset(resource.value().orElse("quick.yaml"));
    Section birth =
        said.over(preset)
            .onlyKeys(
                "preset",
                "floor",
                "ceiling",
                "maxBreaches",
                "retryAfter",
                "gateDefaults",
                "ladder");
    var floor = birth.at("floor").duration(Limits.NOTHING, Limits.DAY);
    var ceiling = ceiling(birth.at("ceiling"));
    ceiling.ifPresent(end -> Found.ordered(floor, end));
    var maxBreaches = birth.at("maxBreaches").wholeNumber(1, 100);
    List<Duration> retryAfter = new ArrayList<>();
    for (Spot wait : birth.at("retryAfter").items(1, 20, "durations")) {
      wait.duration(Limits.MILLISECOND, Limits.DAY).value().ifPresent(retryAfter::add);
    }
    Section gates = birth.at("gateDefaults").section().onlyKeys("interval", "initialDelay");
    var interval = gates.at("interval").duration(SHORTEST_GATE, Limits.HOUR);
    var initialDelay = gates.at("initialDelay").duration(Limits.NOTHING, Limits.HOUR);
    evidence.scrapeInterval().ifPresent(scrape -> Found.ordered(scrape, interval));
    List<Step> steps =
        new LadderReader(evidence, presetSpot, watch(preset)).read(birth.at("ladder"));
    ceiling.ifPresent(end -> refuseCeilingBelowHolds(end, birth.at("ladder"), interval, steps));
    if (!birth.sound()) {
      return Optional.empty();
    }
    List<Rung> ladder = steps.stream().map(step -> step.rung().orElseThrow()).toList();
    return Optional.of(
        new Birth(
            Choices.word(Choices.PRESETS, resource.get()),
            floor.get(),
            ceiling.map(Found::get),
            maxBreaches.get(),
            retryAfter,
            new GateDefaults(interval.get(), initialDelay.get()),
            ladder));
  }

  /** Empty: the operator or the preset says that there is none. */
  private static Optional<Found<Duration>> ceiling(Spot spot) {
    return spot.isNull()
        ? Optional.empty()
        : Optional.of(spot.duration(Limits.MILLISECOND, Limits.DAY));
  }

  /** A ladder that cannot be climbed before the ceiling would have rungs without an effect. */
  private static void refuseCeilingBelowHolds(
      Found<Duration> ceiling, Spot ladder, Found<Duration> interval, List<Step> steps) {
    if (ceiling.value().isEmpty() || interval.value().isEmpty() || steps.isEmpty()) {
      return;
    }
    Duration needed = Duration.ZERO;
    for (Step step : steps.subList(0, steps.size() - 1)) {
      long verdicts = ceilingDivide(step.hold().orElse(Duration.ZERO), interval.get());
      needed = needed.plus(interval.get().multipliedBy(verdicts));
    }
    if (needed.compareTo(ceiling.get()) > 0) {
      String time = DurationText.print(needed);
      if (ladder.said() && !ceiling.spot().said()) {
        ladder.refuse(
            "holds that need at most spec.birth.ceiling, %s; these need %s"
                .formatted(DurationText.print(ceiling.get()), time));
      } else {
        ceiling.spot().refuse("at least " + time + ", which the ladder's holds need");
      }
    }
  }

  private static long ceilingDivide(Duration hold, Duration interval) {
    return (hold.toMillis() + interval.toMillis() - 1) / interval.toMillis();
  }

  /** The hold of the preset's last rung. */
  private static Duration watch(Fields preset) {
    if (preset.values().get("ladder") instanceof Items ladder
        && ladder.values().get(ladder.values().size() - 1) instanceof Fields last
        && last.values().get("hold") instanceof Scalar hold) {
      return DurationText.parse(hold.text()).orElseThrow();
    }
    throw new IllegalStateException("a preset's ladder ends with a rung without a hold");
  }
}
