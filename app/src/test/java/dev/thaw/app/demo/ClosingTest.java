package dev.thaw.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.app.demo.Birth.Regime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people read: the closing tables, and the lines of replicas on their way. */
class ClosingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theClosingTablesTellEveryScene() {
    assertThat(Closing.lines(Synthetic.whole()))
        .anyMatch(
            line ->
                line.matches("  Thaw +1\\.0 +3\\.5 +2\\.0 +10\\.0 +10\\.0 +10\\.0 +600 +0 +10\\.0"))
        .anyMatch(line -> line.startsWith("  b, Thaw") && line.contains("at 20 %: Slow: 8 of 8"))
        .contains("  ladder: at rung 3 before, resumed at rung 3 after 6.4 s")
        .contains("  " + KeepAliveScene.FINDING);
  }

  @Test
  void columnsAreAsWideAsTheyNeed() {
    assertThat(Closing.table(List.of(List.of("name", "n"), List.of("a", "1,000"))))
        .containsExactly("  name      n", "  a     1,000");
  }

  @Test
  void gatesStandBesideTheShippedHoldsAndWhatWasSeen() {
    List<Gate> gates =
        Gate.of(
            Policies.ladder(), Policies.shipped(), List.of(Synthetic.judged(Regime.THAW, 10, 0)));

    assertThat(gates).extracting(Gate::weight).containsExactly(1, 5, 20, 100);
    Gate twenty = gates.get(2);
    assertThat(twenty.holdSeconds()).isEqualTo(3);
    assertThat(twenty.defaultHoldSeconds()).hasValue(3);
    assertThat(twenty.seen()).hasValue(100);
    assertThat(twenty.bound()).isEqualTo(0.03);
    assertThat(gates.get(3).seen()).isEmpty();
    assertThat(gates.get(3).n()).isEqualTo(150);
    assertThat(gates.get(3).defaultHoldSeconds()).hasValue(10);
  }

  @Test
  void aReplicasLineSaysStageWeightsAndTime() throws Exception {
    String line =
        Screen.line(
            JSON.readTree(
                "{\"name\":\"thaw-demo-4\",\"state\":\"climbing\",\"weight\":5,"
                    + "\"observed_percent\":4.8,\"since_exec_ms\":12345.6}"));

    assertThat(line)
        .isEqualTo(
            "    thaw-demo-4    climbing   wanted   5 %  observed  4.8 %    12.3 s since exec");
  }

  @Test
  void withoutATerminalOnlyReplicasOnTheirWayAreShownAndNothingIsErased() throws Exception {
    var bytes = new ByteArrayOutputStream();
    var screen = new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);

    screen.show(
        JSON.readTree(
            "{\"pods\":[{\"name\":\"w\",\"state\":\"full\"},{\"name\":\"n\",\"state\":\"warming\"}]}"));
    screen.say("said");

    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .noneMatch(line -> line.contains("\033"));
  }

  @Test
  void onATerminalTheReplicasAreDrawnAnewBelowWhatStays() throws Exception {
    var bytes = new ByteArrayOutputStream();
    var screen = new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), true);

    screen.show(JSON.readTree("{\"pods\":[{\"name\":\"w\",\"state\":\"full\"}]}"));
    screen.say("said");

    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("\033[1A\033[Jsaid\n    w ");
  }

  @Test
  void anEntryThatGoesOrChangesIsAChangeOfWeight() {
    var before = new KernelTable(4, Map.of(0, 100, 1, 20));

    assertThat(KernelTable.changes(List.of(before, before))).isZero();
    assertThat(KernelTable.changes(List.of(before, new KernelTable(5, Map.of(0, 100, 1, 5)))))
        .isEqualTo(1);
    assertThat(KernelTable.changes(List.of(before, new KernelTable(5, Map.of(2, 100)))))
        .isEqualTo(3);
  }
}
