package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CasualtyTest {
  private static final long MS = 1_000_000;
  private static final long KILLED = 1_000 * MS;
  private static final long DEAD = 1_100 * MS;

  @Test
  void whoWasOnItsWayToTheKilledReplicaIsToldApartFromOtherFailures() {
    List<Request> requests =
        List.of(
            failed(900, 50, 1), // over before the kill
            failed(990, 20, 1),
            failed(1_050, 1, 1), // its listener may not be gone yet
            failed(1_200, 1, 1), // sent to the dead
            failed(990, 20, 2), // another replica's
            new Request(990 * MS, 0, 20, 200, 1, 1, ""));

    List<Casualty> casualties = Casualty.of(requests, 1, KILLED, DEAD);

    assertThat(casualties)
        .extracting(Casualty::inFlight)
        .containsExactly(false, true, true, false, false);
    assertThat(casualties.get(1)).isEqualTo(new Casualty(-10, 1, 0, "EOF", true));
  }

  private static Request failed(long dueMs, double tookMs, int slot) {
    return new Request(dueMs * MS, 0, tookMs, 0, slot, 0, "EOF");
  }
}
