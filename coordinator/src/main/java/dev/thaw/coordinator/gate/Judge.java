package dev.thaw.coordinator.gate;

import dev.thaw.config.WarmupPolicy.ErrorGate;
import dev.thaw.config.WarmupPolicy.Gate;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.config.WarmupPolicy.PressureGate;
import dev.thaw.config.WarmupPolicy.PromqlGate;
import dev.thaw.config.WarmupPolicy.Rung;
import dev.thaw.config.WarmupPolicy.SlowGate;
import dev.thaw.coordinator.gate.Verdict.Kind;
import dev.thaw.persistence.Reasons;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Turns evidence into one verdict. Pure. The worst of all gates wins; missing data never passes and
 * never breaches.
 */
public final class Judge {

  /** Connections that the kernel must have seen fail before that alone is a breach. */
  static final int CONNECT_FAILURES_TO_BREACH = 2;

  /** Slow requests without which a slow share is not yet a finding. */
  static final int SLOW_TO_BREACH = 2;

  /** Segments without which a rate of them is not yet a finding. */
  static final int RETRANSMITS_TO_BREACH = 2;

  private Judge() {}

  /** The verdict on a pod that stands on this rung. */
  public static Verdict judge(Rung rung, Evidence evidence) {
    var verdicts = new ArrayList<Verdict>();
    if (evidence.metrics()) {
      rung.gates().forEach(gate -> verdicts.add(byGate(gate, evidence)));
    } else {
      verdicts.add(connects(evidence));
      rung.gates().stream()
          .filter(gate -> !relative(gate))
          .forEach(gate -> verdicts.add(byGate(gate, evidence)));
    }
    verdicts.add(probe(evidence));
    if (evidence.metrics()) {
      verdicts.add(enough(rung, evidence)); // last: too few requests is said when nothing else is
    }
    return bothFuses(verdicts, evidence)
        ? new Verdict(
            Kind.BREACH,
            Reasons.BOTH_FUSES,
            "errors beyond its peers' while its probe fails",
            requests(evidence))
        : worst(verdicts);
  }

  private static boolean bothFuses(List<Verdict> verdicts, Evidence evidence) {
    return evidence.probing() == Probing.FAILING
        && verdicts.stream()
            .anyMatch(v -> v.kind() == Kind.BREACH && v.reason().equals(Verdict.ERRORS));
  }

  private static Verdict worst(List<Verdict> verdicts) {
    Verdict worst = verdicts.get(0);
    for (Verdict verdict : verdicts) {
      if (verdict.kind().compareTo(worst.kind()) > 0) {
        worst = verdict;
      }
    }
    return worst;
  }

  private static Verdict byGate(Gate gate, Evidence evidence) {
    if (gate instanceof ErrorGate errors) {
      return errors(errors, evidence);
    } else if (gate instanceof SlowGate slow) {
      return slow(slow, evidence);
    } else if (gate instanceof PromqlGate promql) {
      return query(promql, evidence);
    } else if (gate instanceof PressureGate pressure) {
      return pressure(pressure, evidence);
    }
    throw new IllegalStateException("a gate nobody judges: " + gate);
  }

  private static Verdict enough(Rung rung, Evidence evidence) {
    boolean counted = rung.minRequests() > 0 || rung.gates().stream().anyMatch(Judge::relative);
    if (!counted) {
      return pass(evidence, "nothing to count");
    }
    if (!(evidence.own() instanceof Window.Seen own)) {
      return missing(evidence.own());
    }
    if (own.requests() < rung.minRequests()) {
      return new Verdict(
          Kind.INCONCLUSIVE,
          Verdict.TOO_FEW_REQUESTS,
          "%d of %d requests".formatted((long) own.requests(), rung.minRequests()),
          (long) own.requests());
    }
    return pass(evidence, "%d requests".formatted((long) own.requests()));
  }

  private static boolean relative(Gate gate) {
    return gate instanceof ErrorGate || gate instanceof SlowGate;
  }

  private static Verdict errors(ErrorGate gate, Evidence evidence) {
    if (!(evidence.own() instanceof Window.Seen own)) {
      return missing(evidence.own());
    }
    if (!(evidence.peers() instanceof Window.Seen peers)) {
      return missing(evidence.peers());
    }
    if (own.errorRatio() <= peers.errorRatio() + gate.overPeers()) {
      return pass(evidence, "errors no more than its peers'");
    }
    String detail =
        "%d of %d requests failed (%.1f%%), its warm peers %.1f%%"
            .formatted(
                (long) own.errors(),
                (long) own.requests(),
                100 * own.errorRatio(),
                100 * peers.errorRatio());
    Kind kind = own.errors() >= gate.minErrors() ? Kind.BREACH : Kind.INCONCLUSIVE;
    return new Verdict(kind, Verdict.ERRORS, detail, (long) own.requests());
  }

  private static Verdict slow(SlowGate gate, Evidence evidence) {
    if (!(evidence.own() instanceof Window.Seen own)) {
      return missing(evidence.own());
    }
    if (!(evidence.peers() instanceof Window.Seen peers)) {
      return missing(evidence.peers());
    }
    if (own.slowShare() <= peers.slowShare() + gate.overPeers()) {
      return pass(evidence, "no more slow requests than its peers");
    }
    String detail =
        "%d of %d requests were slow (%.1f%%), of its warm peers' %.1f%%"
            .formatted(
                (long) own.slow(),
                (long) own.timed(),
                100 * own.slowShare(),
                100 * peers.slowShare());
    Kind kind = own.slow() >= SLOW_TO_BREACH ? Kind.BREACH : Kind.INCONCLUSIVE;
    return new Verdict(kind, Verdict.SLOW, detail, (long) own.requests());
  }

  private static Verdict query(PromqlGate gate, Evidence evidence) {
    Answer answer = evidence.answers().get(gate.query());
    if (answer instanceof Answer.Missing none) {
      return new Verdict(
          Kind.UNKNOWN, Verdict.NO_DATA, "query without an answer: " + none.why(), 0);
    }
    if (!(answer instanceof Answer.Value number) || !Double.isFinite(number.value())) {
      return new Verdict(Kind.UNKNOWN, Verdict.NO_DATA, "query without a number yet", 0);
    }
    double value = number.value();
    String detail =
        "%s is %s (passes below %s, back above %s)"
            .formatted(gate.query(), value, gate.passBelow(), gate.backAbove());
    if (value > gate.backAbove()) {
      return new Verdict(Kind.BREACH, Verdict.QUERY, detail, requests(evidence));
    } else if (value < gate.passBelow()) {
      return pass(evidence, detail);
    }
    return new Verdict(Kind.INCONCLUSIVE, Verdict.QUERY, detail, requests(evidence));
  }

  private static Verdict pressure(PressureGate gate, Evidence evidence) {
    String resource = gate.resource().name().toLowerCase(Locale.ROOT);
    Pressed pressed = evidence.pressure().get(gate.resource());
    if (pressed == null) {
      return new Verdict(
          Kind.UNKNOWN, Verdict.NO_DATA, "nothing known of its " + resource + " yet", 0);
    }
    boolean counted = gate.resource() == Pressure.RETRANSMITS;
    double value = counted ? pressed.perSecond() : pressed.share();
    String detail =
        counted
            ? "sent %.1f segments a second again (back above %s)".formatted(value, gate.backAbove())
            : "%s kept it waiting %.1f%% of the time (back above %.1f%%)"
                .formatted(resource, 100 * value, 100 * gate.backAbove());
    if (value <= gate.backAbove()) {
      return pass(evidence, detail);
    }
    boolean one = counted && pressed.total() < RETRANSMITS_TO_BREACH;
    return new Verdict(
        one ? Kind.INCONCLUSIVE : Kind.BREACH, Verdict.PRESSURE, detail, requests(evidence));
  }

  private static Verdict connects(Evidence evidence) {
    if (evidence.connectFailures() == 0) {
      return pass(evidence, "its probe succeeds and no connection to it failed");
    }
    Kind kind =
        evidence.connectFailures() >= CONNECT_FAILURES_TO_BREACH ? Kind.BREACH : Kind.INCONCLUSIVE;
    return new Verdict(
        kind,
        Verdict.CONNECT_FAILURES,
        "%d connections to it failed".formatted(evidence.connectFailures()),
        0);
  }

  private static Verdict probe(Evidence evidence) {
    return switch (evidence.probing()) {
      case GOOD -> pass(evidence, "its probe succeeds");
      case FAILING ->
          new Verdict(
              Kind.INCONCLUSIVE,
              Verdict.PROBE_FAILING,
              "its last probe failed",
              requests(evidence));
      case UNKNOWN ->
          new Verdict(
              Kind.UNKNOWN, Verdict.NO_DATA, "nothing heard of its probe yet", requests(evidence));
    };
  }

  private static Verdict missing(Window window) {
    String why = window instanceof Window.Missing none ? none.why() : "";
    return new Verdict(Kind.UNKNOWN, Verdict.NO_DATA, why, 0);
  }

  private static Verdict pass(Evidence evidence, String detail) {
    return new Verdict(Kind.PASS, "", detail, requests(evidence));
  }

  private static long requests(Evidence evidence) {
    return evidence.own() instanceof Window.Seen own ? (long) own.requests() : 0;
  }
}
