package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code spec.birth.ladder}. A rung asks only for evidence that the policy provides: what an
 * operator wrote without it is refused, what a default says without it is left out.
 */
final class LadderReader {

  private static final String NEEDS_SCRAPE = ", unless spec.metrics.scrape is given";
  private static final List<String> KINDS = List.of("errors", "slow", "promql", "pressure");
  private static final double ANY = 1e15;

  private final Evidence evidence;
  private final Spot preset;
  private final Duration watch;
  private boolean presetRefused;

  /** {@code watch}: the hold of a last rung that names none. */
  LadderReader(Evidence evidence, Spot preset, Duration watch) {
    this.evidence = evidence;
    this.preset = preset;
    this.watch = watch;
  }

  /** One rung as far as it could be read: its hold is needed even where the rest was refused. */
  record Step(Optional<Rung> rung, Optional<Duration> hold) {}

  List<Step> read(Spot ladder) {
    List<Spot> rungs = ladder.items(1, 20, "rungs");
    List<Step> steps = new ArrayList<>();
    Optional<Integer> below = Optional.of(0);
    for (int i = 0; i < rungs.size(); i++) {
      Section rung = rungs.get(i).section().onlyKeys("weight", "hold", "minRequests", "gates");
      boolean last = i == rungs.size() - 1;
      Optional<Integer> weight = weight(rung.at("weight"), below.orElse(0), last);
      steps.add(step(rung, weight, last));
      below = weight.or(() -> Optional.of(0));
    }
    return steps;
  }

  private static Optional<Integer> weight(Spot spot, int below, boolean last) {
    Found<Integer> weight = spot.wholeNumber(1, 100);
    if (weight.value().isPresent() && weight.get() <= below) {
      spot.refuse("more than the rung below, " + below);
    } else if (weight.value().isPresent() && last && weight.get() != 100) {
      spot.refuse("100, for the last rung");
    }
    return weight.value();
  }

  private Step step(Section said, Optional<Integer> weight, boolean last) {
    boolean gatesSaid = said.has("gates");
    Section rung = said.over(Shipped.whenPresent("rung"));
    Optional<Duration> hold =
        last && !said.has("hold")
            ? Optional.of(watch)
            : rung.at("hold").duration(Limits.MILLISECOND, Limits.DAY).value();
    Found<Integer> minRequests = rung.at("minRequests").wholeNumber(0, 1_000_000);
    if (minRequests.value().isPresent()
        && minRequests.get() > 0
        && !evidence.scrape()
        && minRequests.spot().said()) {
      minRequests.spot().refuse("0" + NEEDS_SCRAPE);
    }
    List<Gate> gates = gatesSaid || evidence.scrape() ? gates(rung.at("gates")) : List.of();
    Optional<Rung> read =
        said.sound()
            ? Optional.of(
                new Rung(
                    weight.orElseThrow(),
                    hold.orElseThrow(),
                    evidence.scrape() ? minRequests.get() : 0,
                    gates))
            : Optional.empty();
    return new Step(read, hold);
  }

  private List<Gate> gates(Spot list) {
    List<Gate> gates = new ArrayList<>();
    for (Spot item : list.items(0, 20, "gates")) {
      Section gate = item.section().onlyKeys(KINDS.toArray(String[]::new));
      List<String> kinds = KINDS.stream().filter(gate::has).toList();
      if (kinds.size() != 1) {
        item.refuse("one of " + String.join(", ", KINDS) + " in each item");
      } else {
        gate(kinds.get(0), gate.at(kinds.get(0))).ifPresent(gates::add);
      }
    }
    return gates;
  }

  private Optional<? extends Gate> gate(String kind, Spot spot) {
    return switch (kind) {
      case "errors" -> errors(spot);
      case "slow" -> slow(spot);
      case "pressure" -> pressure(spot);
      default -> promql(spot);
    };
  }

  private Optional<ErrorGate> errors(Spot spot) {
    refuseWithoutScrape(spot);
    Section gate = spot.section().over(Shipped.whenPresent("errors"));
    gate.onlyKeys("overPeers", "minErrors");
    Found<Double> overPeers = share(gate.at("overPeers"));
    Found<Integer> minErrors = gate.at("minErrors").wholeNumber(1, 1_000_000);
    return gate.sound()
        ? Optional.of(new ErrorGate(overPeers.get(), minErrors.get()))
        : Optional.empty();
  }

  private Optional<SlowGate> slow(Spot spot) {
    refuseWithoutScrape(spot);
    Section gate = spot.section().over(Shipped.whenPresent("slow"));
    gate.onlyKeys("overPeers");
    Found<Double> overPeers = share(gate.at("overPeers"));
    return gate.sound() ? Optional.of(new SlowGate(overPeers.get())) : Optional.empty();
  }

  /** The kernel's own figures: they need no scrape. The bound's default is its resource's. */
  private Optional<PressureGate> pressure(Spot spot) {
    Section said = spot.section().onlyKeys("resource", "backAbove");
    Found<Pressure> resource = said.at("resource").choice(Choices.PRESSURES);
    if (resource.value().isEmpty()) {
      return Optional.empty();
    }
    boolean counted = resource.get() == Pressure.RETRANSMITS;
    String word = Choices.word(Choices.PRESSURES, resource.get());
    Spot bound = said.over(Shipped.whenPresent(word + "Pressure")).at("backAbove");
    Found<Double> backAbove =
        counted ? bound.decimal(0, ANY, "segments per second, 0 or more") : share(bound);
    return said.sound()
        ? Optional.of(new PressureGate(resource.get(), backAbove.get()))
        : Optional.empty();
  }

  private Optional<PromqlGate> promql(Spot spot) {
    refuseWithoutPrometheus(spot);
    Section gate = spot.section().onlyKeys("query", "passBelow", "backAbove");
    Found<String> query = gate.at("query").text(Texts::isQuery, "a PromQL query");
    Found<Double> pass = gate.at("passBelow").decimal(-ANY, ANY, "a number");
    Found<Double> back = gate.at("backAbove").decimal(-ANY, ANY, "a number");
    if (pass.value().isPresent() && back.value().isPresent() && pass.get() > back.get()) {
      pass.spot().refuse("at most backAbove, " + back.get());
    }
    return gate.sound()
        ? evidence
            .series()
            .map(
                series ->
                    new PromqlGate(QueryText.fill(query.get(), series), pass.get(), back.get()))
        : Optional.empty();
  }

  private static Found<Double> share(Spot spot) {
    return spot.decimal(0, 1, "a share from 0 to 1");
  }

  private void refuseWithoutScrape(Spot spot) {
    if (!evidence.scrape() && spot.said()) {
      spot.refuse("no such gate" + NEEDS_SCRAPE);
    }
  }

  /** A preset's queries are the preset's need, said once and where the operator chose it. */
  private void refuseWithoutPrometheus(Spot spot) {
    if (evidence.prometheus()) {
      return;
    }
    if (spot.said()) {
      spot.refuse("no such gate, unless spec.metrics.prometheus is given");
    } else if (!presetRefused) {
      presetRefused = true;
      preset.refuse("quick, unless spec.metrics.prometheus is given");
    }
  }
}
