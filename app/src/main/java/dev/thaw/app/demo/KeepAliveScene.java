package dev.thaw.app.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** Scene 4: clients that keep their HTTP/2 connections while a replica is born. */
final class KeepAliveScene {
  static final String FINDING =
      "connection-level balancing moves only new connections: clients that keep theirs stay where they are";
  private static final String KEEPERS = "keepers";
  private static final int CLIENTS = 8;
  private static final double RATE = 40;
  private static final int SECONDS = 5;

  private final Session session;
  private final Screen screen;

  KeepAliveScene(Session session, Screen screen) {
    this.session = session;
    this.screen = screen;
  }

  /**
   * What the scene found in the 5 s after the newborn got its full share.
   *
   * @param requests of the clients that keep their connections
   * @param http2 whether each of them was answered by HTTP/2
   * @param keptOnNewborn of these, how many the newborn served
   * @param freshRequests of users who make a connection each
   */
  record Found(
      int clients,
      int requests,
      boolean http2,
      int keptOnNewborn,
      int freshRequests,
      int freshOnNewborn,
      int errors) {
    double keptPercent() {
      return 100.0 * keptOnNewborn / requests;
    }

    double freshPercent() {
      return 100.0 * freshOnNewborn / freshRequests;
    }
  }

  Found play() throws IOException, InterruptedException {
    screen.say("scene 4: %d clients keep their HTTP/2 connections".formatted(CLIENTS));
    ThawRun thaw = session.thaw();
    session.users(KEEPERS, RATE, CLIENTS);
    Session.rest(2);
    int begin = thaw.events().now();
    thaw.scale(Session.WARM + 1);
    JsonNode full = thaw.await(begin, Events.is("full"), 60, "the newborn's full share");
    Session.rest(SECONDS + 0.5);
    int slot = ThawRun.pod(thaw.workload(), full.path("pod").asText()).path("slot").asInt();
    session.stop(KEEPERS);
    long since = thaw.events().nanos(full);
    long length = SECONDS * 1_000_000_000L;
    List<Request> kept = Analysis.between(session.requests(KEEPERS), since, length);
    List<Request> fresh = Analysis.between(session.requests(Session.USERS), since, length);
    var found =
        new Found(
            CLIENTS,
            kept.size(),
            kept.stream().allMatch(request -> request.protocol() == 2),
            on(kept, slot),
            fresh.size(),
            on(fresh, slot),
            (int) kept.stream().filter(Request::failed).count());
    screen.say(
        "  the newborn got %s %% of requests on kept connections, %s %% of those on new ones"
            .formatted(Figures.text(found.keptPercent()), Figures.text(found.freshPercent())));
    thaw.scale(Session.WARM);
    return found;
  }

  private static int on(List<Request> requests, int slot) {
    return (int) requests.stream().filter(request -> request.slot() == slot).count();
  }
}
