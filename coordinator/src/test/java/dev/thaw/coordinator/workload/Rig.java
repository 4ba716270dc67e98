package dev.thaw.coordinator.workload;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.config.WarmupPolicy.Pressure;
import dev.thaw.coordinator.gate.Answer;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Workload;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Drives a workload core through virtual time with a plane that acknowledges at once, pods that
 * behave as told and counters that follow the weights.
 */
final class Rig {
  static final String PLANE = "kernel";
  private static final long SECOND = 1_000_000_000L;

  private final WorkloadCore core;
  private final Workload empty;
  private final List<WorkloadEvent> journal = new ArrayList<>();
  private final List<WorkloadEvent> wouldHave = new ArrayList<>();
  private final Map<PodUid, Traffic> traffic = new HashMap<>();
  private final Map<PodUid, Input.Known> known = new LinkedHashMap<>();
  private final Set<Effect> asked = new HashSet<>();
  private Function<String, Answer> answers = query -> new Answer.Missing("nobody answers");
  private Workload state;
  private Live live;
  private long nanos = 1_000 * SECOND;
  private long nextScrape = nanos;
  private boolean acknowledging = true;
  private boolean scraping = true;
  private Comparator<PodUid> scrapeOrder = Comparator.comparing(PodUid::value);
  private Instant wall = Instant.parse("2026-01-01T00:00:00Z");

  /** What a pod's users see; rates at full weight. */
  private static final class Traffic {
    double perSecond = 40;
    double errorRatio;
    double slowShare;
    Optional<Double> memoryShare = Optional.empty();
    double memoryMicros;
    double requests;
    double errors;
    double slow;
  }

  Rig(WarmupPolicy policy) {
    core = new WorkloadCore(policy);
    empty = Workload.empty(policy.workload());
    state = empty;
    recover();
  }

  /** A crash and what follows: the state from the journal, facts unknown, plane connected. */
  Rig recover() {
    state = empty.applyAll(journal);
    live = Live.closed(moment());
    asked.clear();
    take(new Input.SubscribersChanged(Set.of(PLANE)));
    take(new Input.Open(0));
    return this;
  }

  Rig acknowledging(boolean now) {
    acknowledging = now;
    return take(new Input.Woke());
  }

  /** The youngest are scraped first from now on, else the oldest. */
  Rig youngestFirst() {
    scrapeOrder = scrapeOrder.reversed();
    return this;
  }

  Rig scraping(boolean now) {
    scraping = now;
    return this;
  }

  Rig answers(Function<String, Answer> now) {
    answers = now;
    return this;
  }

  Rig rate(String name, double perSecond) {
    traffic.get(uid(name)).perSecond = perSecond;
    return this;
  }

  Rig errors(String name, double ratio) {
    traffic.get(uid(name)).errorRatio = ratio;
    return this;
  }

  Rig slow(String name, double share) {
    traffic.get(uid(name)).slowShare = share;
    return this;
  }

  /** From now on its node tells its memory pressure: this share of the time. */
  Rig memoryPressure(String name, double share) {
    traffic.get(uid(name)).memoryShare = Optional.of(share);
    return this;
  }

  Rig clockStep(Duration by) {
    wall = wall.plus(by);
    return this;
  }

  Rig join(String... names) {
    for (String name : names) {
      known.computeIfAbsent(
          uid(name),
          uid ->
              new Input.Known(
                  uid, new PodName(name), new Endpoint("127.101.0." + (known.size() + 1), 8080)));
      traffic.computeIfAbsent(uid(name), uid -> new Traffic());
    }
    return list(
        known.values().stream().map(member -> member.name().value()).toArray(String[]::new));
  }

  Rig delete(String name, String reason) {
    known.remove(uid(name));
    return take(new Input.Deleted(uid(name), reason));
  }

  /** A complete list of exactly these. */
  Rig list(String... names) {
    return take(new Input.Digest(Arrays.stream(names).map(name -> known.get(uid(name))).toList()));
  }

  Rig start(String name) {
    return start(name, 1);
  }

  Rig start(String name, int generation) {
    return fact(name, generation, new Fact.Started(generation * SECOND));
  }

  Rig serve(String name) {
    return serve(name, 1);
  }

  /** Started, listening, confirmed. */
  Rig serve(String name, int generation) {
    start(name, generation);
    fact(name, generation, new Fact.Listening(true));
    return confirm(name, generation);
  }

  Rig confirm(String name, int generation) {
    fact(name, generation, new Fact.Probed(0, ""));
    return fact(name, generation, new Fact.Confirmed());
  }

  Rig fact(String name, Fact fact) {
    return fact(name, 1, fact);
  }

  Rig fact(String name, int generation, Fact fact) {
    return take(new Input.PodMoved(uid(name), startId(name, generation), fact));
  }

  Rig full(String name) {
    join(name).serve(name);
    pass(Duration.ofSeconds(200));
    return this;
  }

  Decision verb(Verb verb, String... names) {
    return decide(
        new Input.Command(verb, Arrays.stream(names).map(Rig::uid).toList(), false, false));
  }

  Decision promote(String name, boolean full, boolean force) {
    return decide(new Input.Command(Verb.PROMOTE, List.of(uid(name)), full, force));
  }

  Rig take(Input input) {
    decide(input);
    return this;
  }

  Decision decide(Input input) {
    Decision decision = core.decide(state, live, input, moment());
    state = state.applyAll(decision.events());
    boolean same = core.owesTheSame(live, decision);
    Set<Effect> owed = same ? effects() : Set.of();
    live = decision.live();
    if (same && !owed.equals(effects())) {
      throw new AssertionError("owed: " + effects() + " (it was said to be the same as: " + owed);
    }
    journal.addAll(decision.events());
    wouldHave.addAll(decision.wouldHave());
    perform();
    return decision;
  }

  /** Lets time pass, waking the core when it wants to be woken and scraping each second. */
  Rig pass(Duration time) {
    long until = nanos + time.toNanos();
    while (nanos < until) {
      long wake = core.wakeAt(state, live).orElse(Long.MAX_VALUE);
      move(Math.min(until, Math.min(Math.max(wake, nanos + 1), nextScrape)));
      if (nanos >= nextScrape) {
        nextScrape = nanos + SECOND;
        scrape();
        strain();
      }
      take(new Input.Woke());
    }
    return this;
  }

  private void move(long to) {
    double seconds = (to - nanos) / 1e9;
    for (Member member : state.members().values()) {
      Traffic pod = traffic.get(member.pod());
      double more = pod.perSecond * member.weight() / 100 * seconds;
      pod.requests += more;
      pod.errors += more * pod.errorRatio;
      pod.slow += more * pod.slowShare;
      pod.memoryMicros += pod.memoryShare.orElse(0.0) * seconds * 1e6;
    }
    wall = wall.plusNanos(to - nanos);
    nanos = to;
  }

  private void scrape() {
    effects().stream()
        .filter(Effect.Scrape.class::isInstance)
        .flatMap(effect -> ((Effect.Scrape) effect).pods().stream())
        .filter(pod -> scraping)
        .sorted(scrapeOrder)
        .forEach(
            pod -> {
              Traffic seen = traffic.get(pod);
              double requests = Math.floor(seen.requests);
              state
                  .member(pod)
                  .flatMap(Member::start)
                  .ifPresent(
                      start ->
                          take(
                              new Input.Sampled(
                                  pod,
                                  start,
                                  nanos,
                                  Optional.of(
                                      new Counters(
                                          requests,
                                          Math.floor(seen.errors),
                                          requests,
                                          requests - Math.floor(seen.slow))),
                                  "")));
            });
  }

  private void strain() {
    for (Member member : state.members().values()) {
      Traffic pod = traffic.get(member.pod());
      if (pod.memoryShare.isPresent() && member.start().isPresent()) {
        take(
            new Input.Strained(
                member.pod(),
                member.start().get(),
                nanos,
                SECOND,
                Map.of(Pressure.MEMORY, (long) pod.memoryMicros)));
      }
    }
  }

  private void perform() {
    for (Effect effect : effects()) {
      if (effect instanceof Effect.Publish publish && acknowledging) {
        decide(new Input.TableApplied(PLANE, publish.table().term(), publish.table().version()));
        return;
      } else if (effect instanceof Effect.Query query && asked.add(query)) {
        decide(new Input.QueryAnswered(query, answers.apply(query.promql())));
        return;
      }
    }
  }

  Set<Effect> effects() {
    return core.effects(state, live);
  }

  int weight(String name) {
    return member(name).weight();
  }

  Member member(String name) {
    return state.member(uid(name)).orElseThrow();
  }

  Workload state() {
    return state;
  }

  Live live() {
    return live;
  }

  List<WorkloadEvent> journal() {
    return journal;
  }

  List<WorkloadEvent> wouldHave() {
    return wouldHave;
  }

  <E extends WorkloadEvent> List<E> events(Class<E> type) {
    return journal.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <E extends WorkloadEvent> E last(Class<E> type) {
    List<E> all = events(type);
    return all.get(all.size() - 1);
  }

  long nanos() {
    return nanos;
  }

  Moment moment() {
    return new Moment(nanos, wall);
  }

  static PodUid uid(String name) {
    return new PodUid(name + ".run1");
  }

  static StartId startId(String name, int generation) {
    return new StartId("boot:" + name + ":" + generation);
  }
}
