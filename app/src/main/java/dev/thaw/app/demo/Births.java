package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.thaw.app.demo.Birth.Regime;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Predicate;

/** Makes births happen and watches them: one replica more, under a regime, then ended. */
final class Births {
  private static final Predicate<Birth> NOTHING_MORE = birth -> true;

  private final Session session;
  private final Random random;

  /**
   * @param random decides where in its period a readiness poll stands
   */
  Births(Session session, Random random) {
    this.session = session;
    this.random = random;
  }

  /** A birth watched for so long from its exec. */
  Birth of(Regime regime, double seconds) throws IOException, InterruptedException {
    return of(regime, seconds, seconds, NOTHING_MORE);
  }

  /**
   * A birth watched for {@code least} seconds from its exec, and on to {@code most} unless it has
   * shown by then what it is watched for.
   */
  Birth of(Regime regime, double least, double most, Predicate<Birth> shown)
      throws IOException, InterruptedException {
    ThawRun thaw = session.thaw();
    thaw.policy(regime.warmsUp(), Session.WARM);
    if (regime.promoted()) {
      thaw.verb("workloads", Policies.NAME, "pause", Map.of());
    }
    int begin = thaw.events().now();
    thaw.scale(Session.WARM + 1);
    JsonNode listen = thaw.await(begin, Events.is("listen"), 20, "a listener");
    String pod = listen.path("pod").asText();
    long exec = thaw.events().nanos(listen) - nanos(listen.path("since_exec_ms").asDouble());
    if (regime == Regime.READINESS_PROBE) {
      poll(listen.path("address").asText() + ":" + listen.path("port").asText(), exec);
    }
    if (regime.promoted()) {
      thaw.promote(pod);
    }
    session.targets(thaw.workload());
    Session.rest(least - since(exec));
    while (since(exec) < most
        && !shown.test(Birth.read(regime, -1, exec, seen(begin, pod), OptionalDouble.empty()))) {
      Session.rest(0.25);
    }
    JsonNode page = ThawRun.pod(thaw.workload(), pod);
    OptionalDouble cold =
        session
            .pages()
            .stats(page.path("address").asText())
            .map(stats -> stats.path("cold_window_ms").asDouble())
            .filter(ms -> ms > 0)
            .map(OptionalDouble::of)
            .orElse(OptionalDouble.empty());
    Birth birth = Birth.read(regime, page.path("slot").asInt(), exec, seen(begin, pod), cold);
    if (regime.promoted()) {
      thaw.verb("workloads", Policies.NAME, "resume", Map.of());
    }
    thaw.scale(Session.WARM);
    thaw.await(begin, Events.is("gone", pod), 30, "the end of " + pod);
    Session.rest(1);
    return birth;
  }

  private List<Birth.Seen> seen(int begin, String pod) {
    return session.thaw().events().since(begin).stream()
        .filter(event -> event.path("pod").asText().equals(pod))
        .map(event -> new Birth.Seen(event, session.thaw().events().nanos(event)))
        .toList();
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }

  private static long nanos(double ms) {
    return (long) (ms * 1e6);
  }

  /** As the kubelet's readinessProbe with a period of 1 s: the first poll comes within it. */
  private void poll(String address, long exec) throws InterruptedException {
    double phase = random.nextDouble();
    for (int i = 0; i < 30; i++) {
      Session.rest(phase + i - since(exec));
      if (session.pages().healthy(address)) {
        return;
      }
    }
    throw new IllegalStateException(address + " was never healthy");
  }
}
