package dev.thaw.app.demo;

import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Scene 2: faulty builds in every regime. Who was hurt, and where was it caught? */
final class FaultScene {
  private static final double LEAST_SECONDS = 15.2;
  private static final double MOST_SECONDS =
      25; // until 20 % without warm-up, one way back included

  private final Session session;
  private final Births births;
  private final Screen screen;

  FaultScene(Session session, Births births, Screen screen) {
    this.session = session;
    this.births = births;
    this.screen = screen;
  }

  /**
   * By build: a fails every fifth order, b is slow under load.
   *
   * @param warmingUp the policy that is in force; its regimes come first, to change it but once
   */
  Map<String, Map<Regime, Analysis.Hurt>> play(boolean warmingUp)
      throws IOException, InterruptedException {
    screen.say(
        "scene 2: build a fails every fifth order, build b is slow under load; both look healthy");
    Map<String, Map<Regime, Analysis.Hurt>> found = new TreeMap<>();
    List<Boolean> policies = new ArrayList<>(List.of(false, true));
    if (warmingUp) {
      Collections.reverse(policies);
    }
    for (boolean warms : policies) {
      for (String build : List.of("a", "b")) {
        session.fault(build);
        for (Regime regime : Regime.values()) {
          if (regime.warmsUp() == warms) {
            found
                .computeIfAbsent(build, key -> new EnumMap<>(Regime.class))
                .put(regime, play(build, regime));
          }
        }
      }
    }
    session.fault("none");
    return found;
  }

  private Analysis.Hurt play(String build, Regime regime) throws IOException, InterruptedException {
    Analysis.Hurt one = once(regime, build);
    if (one.late()) {
      screen.say("  %s, %s once more: the users were late".formatted(build, regime.key()));
      one = once(regime, build);
    }
    screen.say(
        "  build %s, %-16s %s; %d errors and %d slow of %d requests"
            .formatted(
                build,
                regime.key(),
                one.birth().caughtBy().map(by -> "caught " + by).orElse("not caught"),
                one.userErrors(),
                one.userSlow(),
                one.requests()));
    return one;
  }

  /** Build b is fast until it has load: it is watched until its rung of 20 % has been judged. */
  private Analysis.Hurt once(Regime regime, String build) throws IOException, InterruptedException {
    double most = regime.promoted() ? LEAST_SECONDS : MOST_SECONDS;
    Birth birth =
        births.of(
            regime,
            LEAST_SECONDS,
            most,
            seen -> seen.caught() && (build.equals("a") || regime.warmsUp() || judged(seen)));
    return Analysis.hurt(birth, session.requests(Session.USERS));
  }

  private static boolean judged(Birth birth) {
    return birth.back().stream().anyMatch(each -> each.weight() >= 20);
  }
}
