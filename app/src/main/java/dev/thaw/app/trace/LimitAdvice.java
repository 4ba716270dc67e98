package dev.thaw.app.trace;

import dev.thaw.app.trace.Advice.Item;
import dev.thaw.app.trace.Start.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a CPU limit does to a start. Pure. */
final class LimitAdvice {

  private final Start start;
  private final Setting setting;
  private final long whole;
  private final List<Item> items = new ArrayList<>();

  private LimitAdvice(Start start, Setting setting, long whole) {
    this.start = start;
    this.setting = setting;
    this.whole = whole;
  }

  /** Findings in no order; {@code whole} is how long the start took. */
  static List<Item> of(Start start, Setting setting, long whole) {
    var advice = new LimitAdvice(start, setting, whole);
    advice.throttling();
    advice.processors();
    return advice.items;
  }

  private void throttling() {
    Reading at = Measures.reading(start, whole);
    if (setting.millicores().isEmpty() || at.throttled() < Advice.WORTH_A_SENTENCE * whole) {
      return;
    }
    items.add(
        new Item(
            "It stood still for %s of that (%s, processors added up) because its CPU limit of %s was used up, in %d periods; without the limit, or with one that is raised during the start, the first 200 would come up to %s sooner."
                .formatted(
                    Words.millis(at.throttled()),
                    Words.share((double) at.throttled() / whole),
                    setting.cpu().orElseThrow(),
                    at.throttledPeriods(),
                    Words.millis(Math.min(whole, at.throttled()))),
            Math.min(whole, at.throttled())));
  }

  private void processors() {
    int go = setting.goProcessors();
    if (go == 0 || setting.millicores().isEmpty()) {
      return;
    }
    double limit = setting.millicores().getAsInt() / 1000.0;
    if (go <= Math.ceil(limit)) {
      return;
    }
    double period = 100;
    double stillNow = period * (1 - Math.min(1, limit / go));
    double stillThen = period * (1 - Math.min(1, limit / Math.ceil(limit)));
    items.add(
        new Item(
            String.format(
                Locale.ROOT,
                "Go runs %d threads at once (GOMAXPROCS) on a CPU limit of %s: busy, they use up a period's share in %.0f ms and stand still for %.0f ms. GOMAXPROCS=%.0f gives no more CPU, but shortens each standstill to %.0f ms%s.",
                go,
                setting.cpu().orElseThrow(),
                period - stillNow,
                stillNow,
                Math.ceil(limit),
                stillThen,
                setting.gomaxprocs().isEmpty() && !setting.goVersion().orElse("").isEmpty()
                    ? "; built with " + setting.goVersion().get() + ", not set in the environment"
                    : ""),
            0));
  }
}
