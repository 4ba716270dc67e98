package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Scene 1: a birth beside warm replicas, in every regime, after one that is not counted. */
final class BirthScene {
  private static final double BURN_IN_SECONDS = 9;
  private static final double SECONDS = 30.5; // service_30s, and requests on their way

  private final Session session;
  private final Births births;
  private final Screen screen;

  BirthScene(Session session, Births births, Screen screen) {
    this.session = session;
    this.births = births;
    this.screen = screen;
  }

  /** Plays the regimes in this order. One that proves nothing is played once more. */
  Map<Regime, Analysis.Judged> play(List<Regime> order) throws IOException, InterruptedException {
    screen.say(
        "scene 1: a birth beside %d warm replicas; first a burn-in that is not counted"
            .formatted(Session.WARM));
    births.of(order.get(0), BURN_IN_SECONDS);
    var judged = new EnumMap<Regime, Analysis.Judged>(Regime.class);
    for (Regime regime : order) {
      Analysis.Judged one = play(regime);
      Optional<String> empty = one.provesNothing();
      if (empty.isPresent()) {
        screen.say("  %-16s once more: %s".formatted(regime.key(), empty.get()));
        one = play(regime).again();
      }
      judged.put(regime, one);
      screen.say(line(one));
    }
    return judged;
  }

  private Analysis.Judged play(Regime regime) throws IOException, InterruptedException {
    return Analysis.judge(births.of(regime, SECONDS), session.requests(Session.USERS));
  }

  private static String line(Analysis.Judged one) {
    return String.format(
        Locale.ROOT,
        "  %-16s first user %s s, full %s s, first 15 s: P95 %s ms of %d (%d errors)",
        one.birth().regime().key(),
        Figures.text(one.firstRequestMs().orElse(Double.NaN) / 1e3),
        Figures.text(one.birth().fullShareMs().orElse(Double.NaN) / 1e3),
        Figures.text(one.first15s().p95()),
        one.first15s().requests(),
        one.first15s().errors());
  }
}
