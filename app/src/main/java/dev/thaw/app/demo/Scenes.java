package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The scenes, in order, on one session. Timeline of the whole, in seconds: 30 until three replicas
 * are warm, 20 burn-in, 4 x 35 births, 8 x 18 faulty births, 35 crash, 30 keep-alive.
 */
final class Scenes {
  private static final int WARM = 3;
  private static final double RATE = 120;
  private static final String USERS = "users";

  /** Holds of the demo; the product's defaults stand beside them in the report. */
  private static final String LADDER =
      """
        birth:
          floor: 0s
          retryAfter: [5s, 15s, 45s]
          ladder:
            - { weight: 1, hold: 1s }
            - { weight: 5, hold: 3s, minRequests: 10 }
            - { weight: 20, hold: 3s }
            - { weight: 100, hold: 5s }
      """;

  private final Session session;
  private final PrintStream people;
  private final Random random;
  private final Path warmup;
  private final Path plain;
  private boolean warmsUp = true;

  Scenes(Session session, PrintStream people, long seed) throws IOException {
    this.session = session;
    this.people = people;
    this.random = new Random(seed);
    this.warmup =
        Files.writeString(
            session.file("policy-warmup.yaml"),
            policy(
                "  warmup: { requests: [ { path: \"/order?c={n}\" } ], count: 300, connections: 3, timeLimit: 8s }\n"));
    this.plain = Files.writeString(session.file("policy-plain.yaml"), policy(""));
  }

  private static String policy(String extra) {
    return """
        apiVersion: thaw.dev/v1alpha1
        kind: WarmupPolicy
        metadata: { name: %s }
        spec:
          service: %s
          probe: { httpGet: { path: /healthz } }
          metrics: { scrape: {} }
        """
            .formatted(Session.NAME, Session.SERVICE)
        + extra
        + LADDER;
  }

  /** Starts what all scenes need; ends when all replicas are warm under the users' load. */
  void begin() throws Exception {
    session.inventory();
    session.prometheus();
    say("three replicas start cold; this takes half a minute");
    session.thaw(warmup, WARM, false);
    session.users(RATE, 0, USERS);
    for (int i = 0; i < WARM; i++) {
      String pod = Session.NAME + "-" + i;
      session.await(0, is("full", pod), 90, "full traffic for " + pod);
    }
    session.workload();
    say("all warm, users send " + (int) RATE + " requests/s");
  }

  /** Scene 1: a birth beside warm replicas, in every regime. */
  Map<Regime, Analysis.Judged> births(List<String> order) throws Exception {
    say("scene 1: a birth beside " + WARM + " warm replicas; first a burn-in that is not counted");
    birth(Regime.THAW_NO_WARMUP, 14);
    var regimes = new ArrayList<>(List.of(Regime.values()));
    Collections.shuffle(regimes, random);
    var judged = new EnumMap<Regime, Analysis.Judged>(Regime.class);
    for (Regime regime : regimes) {
      order.add(regime.key());
      Birth birth = birth(regime, 31);
      Analysis.Judged one = Analysis.judge(birth, session.requests(USERS));
      judged.put(regime, one);
      say(
          String.format(
              Locale.ROOT,
              "  %-16s first user %.1f s, full %.1f s, first 15 s: P95 %.0f ms of %d (%d errors)",
              regime.key(),
              one.firstRequestNanos().isPresent()
                  ? (one.firstRequestNanos().getAsLong() - birth.execNanos()) / 1e9
                  : Double.NaN,
              birth.fullShareMs().orElse(Double.NaN) / 1e3,
              one.first15s().p95(),
              one.first15s().requests(),
              one.first15s().errors()));
    }
    return judged;
  }

  /** Scene 2: faulty builds in every regime. */
  Map<String, Object> faulty() throws Exception {
    var faults = new LinkedHashMap<String, Object>();
    for (String fault : List.of("a", "b")) {
      say(
          "scene 2: build "
              + fault
              + (fault.equals("a") ? " fails every fifth order" : " is slow under load"));
      session.fault(fault);
      var regimes = new LinkedHashMap<String, Object>();
      for (Regime regime : Regime.values()) {
        Birth birth = birth(regime, fault.equals("b") ? 22 : 15.2);
        Map<String, Object> one = Analysis.faulty(birth, session.requests(USERS));
        regimes.put(regime.key(), one);
        say("  " + regime.key() + " " + one);
      }
      var map = new LinkedHashMap<String, Object>();
      map.put("regimes", regimes);
      if (regimes.get(Regime.THAW.key()) instanceof Map<?, ?> thaw) {
        map.put("rolled_back", thaw.get("rolled_back"));
        map.put("highest_weight", thaw.get("highest_weight"));
        map.put("user_errors", thaw.get("user_errors"));
      }
      faults.put(fault, map);
    }
    session.fault("none");
    return faults;
  }

  /** Scene 3: Thaw dies in mid-ladder. */
  Map<String, Object> crash() throws Exception {
    say("scene 3: kill -9 of Thaw in mid-ladder");
    policyOf(true);
    int begin = session.now();
    scale(WARM + 1);
    JsonNode rung =
        session.await(
            begin,
            e -> e.path("event").asText().equals("rung") && e.path("weight").asInt() == 20,
            40,
            "20 %");
    String climber = rung.path("pod").asText();
    session.rest(1);
    JsonNode before = session.workload();
    int rungBefore = pod(before, climber).path("rung").asInt();
    session.killThaw();
    long killed = System.nanoTime();
    session.rest(3);
    JsonNode victim = before.path("pods").get(0);
    ProcessHandle.of(victim.path("pid").asLong()).ifPresent(ProcessHandle::destroyForcibly);
    long victimDied = System.nanoTime();
    session.rest(3);
    long restarted = System.nanoTime();
    List<Request> down = Analysis.between(session.requests(USERS), killed, restarted - killed);
    long toDead =
        down.stream()
            .filter(r -> r.slot() == victim.path("slot").asInt())
            .filter(r -> r.intendedNanos() > victimDied + 100_000_000L)
            .count();
    int beginAgain = session.now();
    long startedMillis = System.currentTimeMillis();
    session.thaw(warmup, WARM, true);
    session.await(beginAgain, is("full", climber), 60, "the climber's full share");
    JsonNode why = session.pod(climber);
    var map = new LinkedHashMap<String, Object>();
    map.put(
        "weight_changes_while_down",
        weightChanges(down, pod(before, climber).path("slot").asInt(), before));
    map.put("connects_to_dead_replica", toDead);
    map.put("requests_while_down", down.size());
    map.put("errors_while_down", down.stream().filter(Request::failed).count());
    map.put("rung_before", rungBefore);
    map.put("recovered_rung", recoveredRung(why));
    map.put("recovery_ms", recovery(why, startedMillis));
    say("  " + map);
    session.await(beginAgain, is("full", victim.path("name").asText()), 60, "the victim's return");
    scale(WARM);
    session.rest(3);
    return map;
  }

  /** Scene 4: clients that keep their connections. */
  Map<String, Object> keepAlive() throws Exception {
    say("scene 4: clients that keep their HTTP/2 connections");
    session.users(40, 8, "keepers");
    session.rest(3);
    int begin = session.now();
    scale(WARM + 1);
    JsonNode full =
        session.await(begin, e -> e.path("event").asText().equals("full"), 60, "a full newborn");
    session.rest(5);
    int slot = pod(session.workload(), full.path("pod").asText()).path("slot").asInt();
    session.stop("keepers");
    long since = session.nanos(full);
    List<Request> kept = Analysis.between(session.requests("keepers"), since, 5_000_000_000L);
    List<Request> fresh = Analysis.between(session.requests(USERS), since, 5_000_000_000L);
    var map = new LinkedHashMap<String, Object>();
    map.put("clients", 8);
    map.put("requests", kept.size());
    map.put("on_newborn_percent", percent(kept, slot));
    map.put("new_connections_on_newborn_percent", percent(fresh, slot));
    map.put("errors", kept.stream().filter(Request::failed).count());
    map.put(
        "finding",
        "connection-level balancing moves only new connections: clients that keep theirs stay where they are");
    say("  " + map);
    scale(WARM);
    return map;
  }

  private static @Nullable Double percent(List<Request> requests, int slot) {
    return requests.isEmpty()
        ? null
        : Figures.rounded(
            100.0 * requests.stream().filter(r -> r.slot() == slot).count() / requests.size());
  }

  /** A share that differs from the table's by more than chance would be a change of weight. */
  private static int weightChanges(List<Request> down, int slot, JsonNode before) {
    double sum = 0;
    double own = 0;
    for (JsonNode pod : before.path("pods")) {
      sum += pod.path("weight").asInt();
      own += pod.path("slot").asInt() == slot ? pod.path("weight").asInt() : 0;
    }
    double expected = down.size() * own / sum;
    long seen = down.stream().filter(r -> r.slot() == slot).count();
    // four standard deviations of a Poisson count, and one pod of three gone for half of the time
    return Math.abs(seen - expected) > 4 * Math.sqrt(Math.max(1, expected)) + 0.25 * expected
        ? 1
        : 0;
  }

  private static Object recoveredRung(JsonNode why) {
    boolean after = false;
    for (JsonNode decision : why.path("decisions")) {
      String text = decision.path("text").asText();
      after |= text.contains("took over as writer") && decision.path("seq").asLong() > 2;
      if (after && text.startsWith("Evidence in its favour on rung ")) {
        return Integer.parseInt(text.replaceAll("^Evidence in its favour on rung (\\d+).*", "$1"));
      }
    }
    return -1;
  }

  private static Object recovery(JsonNode why, long startedMillis) {
    for (JsonNode decision : why.path("decisions")) {
      long at = java.time.Instant.parse(decision.path("at").asText()).toEpochMilli();
      if (at >= startedMillis && decision.path("event").asText().equals("Passed")) {
        return at - startedMillis;
      }
    }
    return -1;
  }

  private static JsonNode pod(JsonNode workload, String name) {
    for (JsonNode pod : workload.path("pods")) {
      if (pod.path("name").asText().equals(name)) {
        return pod;
      }
    }
    throw new IllegalStateException("no pod " + name);
  }

  /** Goes on under the other policy: replicas stay warm, Thaw is replaced. */
  private void policyOf(boolean warming) throws Exception {
    if (warming != warmsUp) {
      session.killThaw();
      session.thaw(warming ? warmup : plain, WARM, true);
      warmsUp = warming;
      session.rest(2);
    }
  }

  private void scale(int replicas) throws Exception {
    session.verb("workloads", Session.NAME, "scale", Map.of("replicas", replicas));
  }

  /** One birth, watched for so long from its exec, then ended. */
  private Birth birth(Regime regime, double seconds) throws Exception {
    policyOf(regime.warmsUp());
    if (regime.promoted()) {
      session.verb("workloads", Session.NAME, "pause", Map.of());
    }
    int begin = session.now();
    scale(WARM + 1);
    JsonNode listen =
        session.await(begin, e -> e.path("event").asText().equals("listen"), 20, "a listener");
    String pod = listen.path("pod").asText();
    long exec = session.nanos(listen) - (long) (listen.path("since_exec_ms").asDouble() * 1e6);
    if (regime == Regime.READINESS_PROBE) {
      poll(listen.path("address").asText() + ":" + listen.path("port").asText(), exec);
    }
    if (regime.promoted()) {
      session.verb("pods", pod, "promote", Map.of("full", true, "force", true));
    }
    double left = seconds - (System.nanoTime() - exec) / 1e9;
    session.rest(Math.max(0, left));
    JsonNode shown = pod(session.workload(), pod);
    OptionalDouble cold =
        session
            .stats(shown.path("address").asText())
            .map(stats -> OptionalDouble.of(stats.path("cold_window_ms").asDouble()))
            .orElse(OptionalDouble.empty());
    Birth birth = observed(regime, shown.path("slot").asInt(), exec, pod, begin, cold);
    if (regime.promoted()) {
      session.verb("workloads", Session.NAME, "resume", Map.of());
    }
    scale(WARM);
    session.await(begin, is("gone", pod), 30, "the end of " + pod);
    session.rest(1.5);
    return birth;
  }

  /** As the kubelet's readinessProbe with a period of 1 s: the first poll comes within it. */
  private void poll(String address, long exec) throws Exception {
    double phase = random.nextDouble();
    for (int i = 0; i < 30; i++) {
      double due = phase + i - (System.nanoTime() - exec) / 1e9;
      if (due > 0) {
        session.rest(due);
      }
      if (session.healthy(address)) {
        return;
      }
    }
    throw new IllegalStateException(address + " was never healthy");
  }

  private Birth observed(
      Regime regime, int slot, long exec, String pod, int begin, OptionalDouble cold) {
    var marks = new LinkedHashMap<String, Double>();
    var rungs = new ArrayList<Birth.RungAt>();
    var back = new ArrayList<String>();
    String held = "";
    for (JsonNode event : session.since(begin)) {
      if (!event.path("pod").asText().equals(pod)) {
        continue;
      }
      double ms = (session.nanos(event) - exec) / 1e6;
      String kind = event.path("event").asText();
      switch (kind) {
        case "rung" ->
            rungs.add(
                new Birth.RungAt(ms, event.path("weight").asInt(), event.path("reason").asText()));
        case "rolled_back" -> {
          rungs.add(new Birth.RungAt(ms, event.path("to").asInt(), event.path("reason").asText()));
          back.add(event.path("reason").asText());
        }
        case "ejected" -> back.add(event.path("reason").asText());
        case "held" -> held = event.path("reason").asText();
        default -> marks.putIfAbsent(kind, Figures.rounded(ms));
      }
    }
    return new Birth(regime, slot, exec, marks, rungs, back, held, cold);
  }

  private static java.util.function.Predicate<JsonNode> is(String kind, String pod) {
    return e -> e.path("event").asText().equals(kind) && e.path("pod").asText().equals(pod);
  }

  private void say(String line) {
    people.println(line);
    people.flush();
  }

  /** 99th percentile of how late the users' requests were sent, in milliseconds. */
  double lagP99() throws IOException {
    double[] lags = session.requests(USERS).stream().mapToDouble(Request::lagMs).sorted().toArray();
    return Figures.rank(lags, 0.99);
  }
}
