package dev.thaw.app.trace;

import dev.thaw.app.trace.Advice.Item;
import dev.thaw.app.trace.Start.PackageInit;
import dev.thaw.app.trace.Start.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a start does before it serves, and what would save some of it. Pure. */
final class InitAdvice {
  private static final int PACKAGES = 3;

  private final Start start;
  private final Setting setting;
  private final long whole;
  private final Map<String, List<Long>> measures;
  private final List<Item> items = new ArrayList<>();

  private InitAdvice(Start start, Setting setting, long whole, Map<String, List<Long>> measures) {
    this.start = start;
    this.setting = setting;
    this.whole = whole;
    this.measures = measures;
  }

  /** Findings in no order; {@code whole} is how long the start took. */
  static List<Item> of(Start start, Setting setting, long whole, Map<String, List<Long>> measures) {
    var advice = new InitAdvice(start, setting, whole, measures);
    advice.lazyInit();
    advice.contention();
    advice.collector();
    advice.loading();
    advice.disk();
    return advice.items;
  }

  /** Without the time in which other programs had the processor. */
  private void lazyInit() {
    for (PackageInit each : PackageInits.costly(start.packages(), PACKAGES)) {
      long own =
          Math.min(
              usual(each),
              each.duration() - Sleeps.ready(start, each.at(), each.at() + each.duration()));
      if (own < Advice.WORTH_A_SENTENCE * whole || own < Advice.WORTH_NANOS) {
        continue;
      }
      String made =
          each.bytes() < 0
              ? ""
              : " and allocates %s in %d pieces"
                  .formatted(Words.bytes(each.bytes()), each.allocations());
      items.add(
          new Item(
              "The initialisation of package %s takes %s (%s of the start%s)%s, before main can do anything; %s."
                  .formatted(
                      each.name(),
                      Words.millis(own),
                      Words.share((double) own / whole),
                      own == each.duration()
                          ? ""
                          : "; drawn with its waits in this start: "
                              + Words.millis(each.duration()),
                      made,
                      PackageInits.comesWithGo(each.name())
                          ? "it comes with Go, so only leaving out what imports it would spare that"
                          : "built at first use (sync.Once), or at build time, it would save up to that"),
              PackageInits.comesWithGo(each.name()) ? 0 : own));
    }
  }

  /** Over all starts, where there were several. */
  private long usual(PackageInit each) {
    List<Long> all = measures.getOrDefault(Measures.init(each.name()), List.of());
    return all.isEmpty() ? each.duration() : Quantiles.of(all, 0.5);
  }

  /** What held init up though it did not compute. */
  private void contention() {
    Map<String, Long> sleeps = Sleeps.duringInit(start);
    long asleep = sleeps.values().stream().mapToLong(Long::longValue).sum();
    if (asleep >= Advice.WORTH_A_SENTENCE * whole && asleep >= Advice.WORTH_NANOS) {
      items.add(
          new Item(
              "During package init its thread slept for %s (%s of the start), most of it, %s, in %s; what init waits for can begin after listen, or beside it."
                  .formatted(
                      Words.millis(asleep),
                      Words.share((double) asleep / whole),
                      Words.millis(sleeps.values().iterator().next()),
                      sleeps.keySet().iterator().next()),
              asleep));
    }
    long ready = Sleeps.readyDuringInit(start);
    if (ready >= Advice.WORTH_A_SENTENCE * whole && ready >= Advice.WORTH_NANOS) {
      items.add(
          new Item(
              "During package init its thread was ready for %s (%s of the start) and had no processor: other programs, other threads of its own, or its CPU limit had them."
                  .formatted(Words.millis(ready), Words.share((double) ready / whole)),
              0));
    }
  }

  private void collector() {
    long period = setting.samplePeriod();
    long collecting =
        period
            * start.samples().stream()
                .filter(sample -> !sample.fault() && sample.at() <= whole)
                .filter(
                    sample ->
                        Phases.of(start.stacks().get(sample.stack()), false)
                            .equals("Go garbage collector"))
                .count();
    if (collecting >= Advice.WORTH_A_SENTENCE * whole && collecting >= Advice.WORTH_NANOS) {
      items.add(
          new Item(
              "The garbage collector used %s of processor time before the first 200; a higher GOGC for the start, with GOMEMLIMIT as the guard, would spare most of it."
                  .formatted(Words.millis(collecting)),
              setting.millicores().isPresent()
                  ? collecting
                  : collecting / Math.max(1, setting.cpus())));
    }
  }

  private void loading() {
    long loading = start.at("entry").orElse(0);
    if (loading >= Advice.WORTH_A_SENTENCE * whole && loading >= Advice.WORTH_NANOS) {
      items.add(
          new Item(
              "Exec and loading take %s before the program's first instruction: the kernel's exec, the page faults of a new image and the dynamic linker together; a static executable spares the linker's part."
                  .formatted(Words.millis(loading)),
              0));
    }
  }

  private void disk() {
    Reading at = Measures.reading(start, whole);
    if (at.majorFaults() > 0) {
      items.add(
          new Item(
              "%d of %d page faults went to the disk: on a node that has not run this image, reading it ahead (a pre-pull that also reads) shortens the start."
                  .formatted(at.majorFaults(), at.majorFaults() + at.minorFaults()),
              0));
    }
  }
}
