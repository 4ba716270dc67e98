package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Scene 3: Thaw dies in mid-ladder; a replica dies meanwhile; a successor goes on. */
final class CrashScene {
  private static final Pattern PASSED = Pattern.compile("Evidence in its favour on rung (\\d+),.*");
  private static final double DOWN_SECONDS = 6;

  /** Between the signal and the kernel's end of its listener. */
  private static final long DYING_NANOS = 100_000_000L;

  private final Session session;
  private final Screen screen;

  CrashScene(Session session, Screen screen) {
    this.session = session;
    this.screen = screen;
  }

  /**
   * What the scene found.
   *
   * @param weightChangesWhileDown entries that differ between the kernel's tables, read before the
   *     kill and then every half second until a successor is called
   * @param failed each request that failed meanwhile
   * @param recoveryMs from the successor's start to the first verdict that counted again
   */
  record Found(
      int weightChangesWhileDown,
      int connectsToDeadReplica,
      int requestsWhileDown,
      List<Casualty> failed,
      int rungBefore,
      OptionalInt recoveredRung,
      OptionalDouble recoveryMs) {

    int inFlight() {
      return (int) failed.stream().filter(Casualty::inFlight).count();
    }

    int failedOtherwise() {
      return failed.size() - inFlight();
    }
  }

  Found play() throws IOException, InterruptedException {
    screen.say("scene 3: kill -9 of Thaw in mid-ladder, then of a replica; a successor goes on");
    ThawRun thaw = session.thaw();
    thaw.policy(true, Session.WARM);
    int begin = thaw.events().now();
    thaw.scale(Session.WARM + 1);
    JsonNode rung =
        thaw.await(
            begin,
            Events.is("rung").and(event -> event.path("weight").asInt() == 20),
            40,
            "a rung of 20 %");
    String climber = rung.path("pod").asText();
    Session.rest(0.5);
    JsonNode before = thaw.workload();
    var tables = new ArrayList<KernelTable>(List.of(KernelTable.read()));
    thaw.kill();
    long killed = System.nanoTime();
    screen.say("  Thaw is dead, users go on");
    JsonNode victim = before.path("pods").get(0);
    long victimKilled = 0;
    for (double at = 0; at < DOWN_SECONDS; at += 0.5) {
      if (victimKilled == 0 && at >= DOWN_SECONDS / 2) {
        victimKilled = System.nanoTime();
        ProcessHandle.of(victim.path("pid").asLong()).ifPresent(ProcessHandle::destroyForcibly);
      }
      Session.rest(0.5);
      tables.add(KernelTable.read());
    }
    long up = System.nanoTime();
    List<Request> down = Analysis.between(session.requests(Session.USERS), killed, up - killed);
    Instant restarted = Instant.now();
    int beginAgain = thaw.events().now();
    thaw.adopt(Session.WARM);
    thaw.await(beginAgain, Events.is("full", climber), 60, "the full share of " + climber);
    Optional<JsonNode> verdict = firstVerdict(thaw.pod(climber), restarted);
    int victimSlot = victim.path("slot").asInt();
    long victimDead = victimKilled + DYING_NANOS;
    Found found =
        new Found(
            KernelTable.changes(tables),
            toDead(down, victimSlot, victimDead),
            down.size(),
            Casualty.of(down, victimSlot, victimKilled, victimDead),
            ThawRun.pod(before, climber).path("rung").asInt(),
            verdict.map(CrashScene::rung).orElse(OptionalInt.empty()),
            verdict
                .map(each -> OptionalDouble.of(at(each).toEpochMilli() - restarted.toEpochMilli()))
                .orElse(OptionalDouble.empty()));
    screen.say(line(found));
    String dead = victim.path("name").asText();
    thaw.await(beginAgain, Events.is("warmed", dead), 60, "the return of " + dead);
    if (ThawRun.pod(thaw.workload(), dead).path("weight").asInt() < 100) {
      thaw.promote(dead);
    }
    thaw.scale(Session.WARM);
    thaw.await(beginAgain, Events.is("gone"), 30, "the end of a replica");
    return found;
  }

  private static int toDead(List<Request> down, int slot, long from) {
    return (int) down.stream().filter(r -> r.slot() == slot && r.intendedNanos() > from).count();
  }

  /** The first evidence that counted after the successor's start. */
  static Optional<JsonNode> firstVerdict(JsonNode pod, Instant restarted) {
    for (JsonNode decision : pod.path("decisions")) {
      if (decision.path("event").asText().equals("Passed") && !at(decision).isBefore(restarted)) {
        return Optional.of(decision);
      }
    }
    return Optional.empty();
  }

  static OptionalInt rung(JsonNode decision) {
    Matcher matcher = PASSED.matcher(decision.path("text").asText());
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  private static Instant at(JsonNode decision) {
    return Instant.parse(decision.path("at").asText());
  }

  private static String line(Found found) {
    return "  %d requests while Thaw was down: %d failed in flight to the killed replica, %d otherwise, %d weights changed, %d connections to the dead replica; ladder resumed at rung %s after %s s"
        .formatted(
            found.requestsWhileDown(),
            found.inFlight(),
            found.failedOtherwise(),
            found.weightChangesWhileDown(),
            found.connectsToDeadReplica(),
            found.recoveredRung().isPresent() ? found.recoveredRung().getAsInt() : "none",
            Figures.text(found.recoveryMs().orElse(Double.NaN) / 1e3));
  }
}
