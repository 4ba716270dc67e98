package dev.thaw.coordinator.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.coordinator.Policies;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.coordinator.workload.Phase;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PoolReport;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessFailed;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.WarmupReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One pod's life, from what its node says. */
class PodCoreTest {
  private static final PodUid UID = new PodUid("orders-0.run1");

  private final PodCore core = new PodCore(Policies.quick(), UID);
  private final List<PodEffect> effects = new ArrayList<>();
  private PodState state = PodState.unknown();
  private long nanos = 1_000;

  @Test
  void fromStartOverListenToConfirmed() {
    started("a", 10);
    listen("a", true);
    probe("a", 1, 0);
    probe("a", 2, 0);
    assertThat(state).isInstanceOf(PodState.Confirming.class);

    probe("a", 3, 0);

    assertThat(state).isInstanceOf(PodState.Confirmed.class);
    assertThat(facts())
        .containsExactly(
            new Fact.Started(10),
            new Fact.Listening(true),
            new Fact.Probed(0, ""),
            new Fact.Confirmed());
    assertThat(announced()).containsExactly("listen", "first_success");
    assertThat(core.wakeAt(state)).isEmpty();
  }

  @Test
  void whichServerServesAndWhyMarksAreMissingStandOnTheTimeline() {
    started("a", 10);
    signal(Signal.newBuilder().setKind(Signal.Kind.SERVE).setServer("grpc"));
    signal(Signal.newBuilder().setKind(Signal.Kind.UNMARKED).setPath("/srv").setWhy("too old"));

    assertThat(effects)
        .contains(
            new PodEffect.Announce("serve", OptionalLong.of(60), Map.of("server", "grpc")),
            new PodEffect.Announce(
                "unmarked", OptionalLong.of(60), Map.of("path", "/srv", "why", "too old")));
  }

  private void signal(Signal.Builder signal) {
    said(FromNode.newBuilder().setSignal(signal.setStart(ref("a")).setAtNanos(60)).build());
  }

  @Test
  void confirmsByProbesAloneWhereNoKernelSignalCame() {
    started("a", 10);

    probe("a", 3, 0);

    assertThat(facts()).contains(new Fact.Confirmed());
  }

  @Test
  void aListenerOnAnotherPortIsNotTheOneAndIsNamedAtTheDeadline() {
    started("a", 10);
    listen("a", false);
    assertThat(state).isInstanceOf(PodState.Started.class);

    overdue();

    assertThat(facts())
        .contains(new Fact.NeverServed("it never listened on port 8080 but on 127.101.0.1:9999"));
    assertThat(core.wakeAt(state)).isEmpty();
  }

  @Test
  void atTheDeadlineTheLastProbesOutcomeIsToldByNameAndSentence() {
    started("a", 10);
    listen("a", true);
    probe("a", 0, 4);

    overdue();

    assertThat(facts()).contains(new Fact.NeverServed("BAD_STATUS: status 500"));
  }

  @Test
  void aListenerThatClosedIsSaidAtOnceAndIsTheReasonAtTheDeadline() {
    started("a", 10);
    listen("a", true);
    signal(
        Signal.newBuilder()
            .setKind(Signal.Kind.LISTEN_CLOSED)
            .setTarget(true)
            .setAddress(Address.newBuilder().setHost("127.101.0.1").setPort(8080)));
    probe("a", 0, 4);

    overdue();

    assertThat(announced()).containsExactly("listen", "listen_closed");
    assertThat(facts())
        .contains(
            new Fact.Listening(false),
            new Fact.NeverServed(
                "it listens on 127.101.0.1:8080 no more: its listen failed, or it closed it again"));
  }

  @Test
  void whoHadItsAddressBeforeIsNamedAtTheDeadline() {
    said(started("a", 10, said -> said.setTakenBy("process 7 (/usr/bin/nginx)")));

    overdue();

    assertThat(facts())
        .contains(
            new Fact.NeverServed(
                "it never listened on port 8080; process 7 (/usr/bin/nginx) listened there before it was started"));
  }

  @Test
  void theContainerItRunsInStandsOnTheTimelineOnce() {
    Container in = Container.newBuilder().setId("4f8d").setRuntime("cri-o").build();
    said(started("a", 10, said -> said.setContainer(in)));
    said(started("a", 10, said -> said.setContainer(in)));

    assertThat(effects)
        .containsOnlyOnce(
            new PodEffect.Announce(
                "container", OptionalLong.of(10), Map.of("id", "4f8d", "runtime", "cri-o")));
  }

  @Test
  void anotherStartArmsEverythingAgainAndTheOldOneIsVoid() {
    started("a", 10);
    listen("a", true);
    probe("a", 3, 0);
    started("b", 20);
    effects.clear();

    probe("a", 4, 0);
    exited("a");
    started("a", 10);

    assertThat(effects).isEmpty();
    assertThat(state.facts().orElseThrow().start()).isEqualTo(new StartId("b"));
    assertThat(core.wakeAt(state)).isPresent();
  }

  @Test
  void aRepeatedReportChangesAndSaysNothing() {
    started("a", 10);
    listen("a", true);
    probe("a", 3, 0);
    var before = state;
    effects.clear();

    started("a", 10);
    listen("a", true);
    probe("a", 3, 0);

    assertThat(state).isEqualTo(before);
    assertThat(announced()).isEmpty();
  }

  @Test
  void afterARestartOfTheCoordinatorNothingIsConfirmedAgainThatTheWorkloadSaysClimbs() {
    assign("a", Phase.CLIMBING, 20);
    assertThat(state).isInstanceOf(PodState.Appeared.class);

    started("a", 10);
    listen("a", true);
    probe("a", 12, 0);

    assertThat(state).isInstanceOf(PodState.Serving.class);
    assertThat(facts()).doesNotContain(new Fact.Confirmed()).contains(new Fact.Probed(0, ""));
    assertThat(core.wakeAt(state)).isEmpty();
  }

  @Test
  void warmUpIsAskedForOnceAndItsEndIsToldAgainWhenAskedAgain() {
    confirmed("a");
    assign("a", Phase.WARMING, 0);
    assign("a", Phase.WARMING, 0);
    assertThat(orders()).filteredOn(ToNode::hasRunWarmup).hasSize(1);

    said(
        FromNode.newBuilder()
            .setWarmupReport(
                WarmupReport.newBuilder()
                    .setStart(ref("a"))
                    .setSent(100)
                    .setErrors(3)
                    .setEndedNanos(77))
            .build());
    assign("a", Phase.WARMING, 0);

    assertThat(facts())
        .filteredOn(Fact.WarmupEnded.class::isInstance)
        .containsExactly(
            new Fact.WarmupEnded(100, 3, 77, ""), new Fact.WarmupEnded(100, 3, 77, ""));
    assertThat(announced()).containsOnlyOnce("warmed");
  }

  @Test
  void aPoolThatTurnsColdLaterStandsOnTheTimeline() {
    confirmed("a");
    assign("a", Phase.FULL, 100);

    said(
        FromNode.newBuilder()
            .setPoolReport(
                PoolReport.newBuilder()
                    .setStart(ref("a"))
                    .setWarmConnections(3)
                    .setColdConnections(2)
                    .setAtNanos(77))
            .build());

    assertThat(effects)
        .contains(
            new PodEffect.Announce(
                "pool", OptionalLong.of(77), Map.of("warm_connections", 3, "cold_connections", 2)));
  }

  @Test
  void aRetriedWarmUpRunsAgain() {
    confirmed("a");
    assign("a", Phase.WARMING, 0);
    assign("a", Phase.HELD, 0);

    assign("a", Phase.WARMING, 0);

    assertThat(orders()).filteredOn(ToNode::hasRunWarmup).hasSize(2);
    assertThat(state.facts().orElseThrow().warmup()).isEmpty();
  }

  @Test
  void theCadenceFollowsTheRung() {
    confirmed("a");
    assign("a", Phase.CLIMBING, 5);
    assign("a", Phase.CLIMBING, 20);
    assign("a", Phase.FULL, 100);
    assign("a", Phase.CONFIRMING, 0);

    assertThat(orders())
        .filteredOn(ToNode::hasSetProbing)
        .extracting(order -> order.getSetProbing().getPhase())
        .containsExactly(
            SetProbing.Phase.CLIMBING, SetProbing.Phase.READY, SetProbing.Phase.CONFIRMING);
  }

  @Test
  void anEjectedPodHasToProveItselfAgain() {
    confirmed("a");
    assign("a", Phase.FULL, 100);
    probe("a", 0, 3);
    assign("a", Phase.CONFIRMING, 0);
    effects.clear();

    probe("a", 2, 0);
    assertThat(facts()).doesNotContain(new Fact.Confirmed());
    probe("a", 3, 0);
    assertThat(facts()).contains(new Fact.Confirmed());
  }

  @Test
  void aWorkloadThatMissedTheConfirmationIsToldAgain() {
    confirmed("a");
    effects.clear();

    assign("a", Phase.CONFIRMING, 0);

    assertThat(facts()).containsExactly(new Fact.Confirmed());
  }

  @Test
  void askedForItsFactsItTellsThemAllStartFirst() {
    confirmed("a");
    exited("a");
    effects.clear();

    decide(new PodInput.FactsAsked());

    assertThat(facts())
        .containsExactly(
            new Fact.Started(10),
            new Fact.Listening(true),
            new Fact.Probed(0, ""),
            new Fact.Exited("exit code 3"));
  }

  @Test
  void whoNeverServedIsGoneWithWhatItSaidLast() {
    started("a", 10);

    exited("a");

    assertThat(gone())
        .containsExactly(entry("exit_code", 3), entry("last_lines", List.of("no database")));
  }

  @Test
  void whoHasServedIsGoneAsSuchAlsoWhenOnlyItsWorkloadKnowsIt() {
    started("a", 10);
    listen("a", true);
    assign("a", Phase.FULL, 100);

    exited("a");

    assertThat(gone()).contains(entry("served", true)).containsKey("last_lines");
  }

  @Test
  void whoseEndWasAskedForIsGoneOnRequest() {
    confirmed("a");
    decide(new PodInput.Ending());

    exited("a");

    assertThat(gone()).containsExactly(entry("exit_code", 3), entry("requested", true));
  }

  @Test
  void anExecWhosePathNobodyKnowsHasNone() {
    started("a", 10);

    signal(Signal.newBuilder().setKind(Signal.Kind.EXEC).setPid(7));

    assertThat(((PodEffect.Announce) effects.get(effects.size() - 1)).fields())
        .containsExactly(entry("pid", 7));
  }

  private Map<String, Object> gone() {
    var last = (PodEffect.Announce) effects.get(effects.size() - 1);
    assertThat(last.event()).isEqualTo("gone");
    return last.fields();
  }

  @Test
  void aProcessThatCouldNotBeStartedIsAReason() {
    said(
        FromNode.newBuilder()
            .setProcessFailed(
                ProcessFailed.newBuilder().setPodUid(UID.value()).setDetail("no such file"))
            .build());

    assertThat(((PodState.Appeared) state).trouble()).isEqualTo("no such file");
  }

  @Test
  void whileItEndsOnPurposeAFailingProbeIsNoNews() {
    confirmed("a");
    decide(new PodInput.Ending());
    effects.clear();

    probe("a", 0, 3);

    assertThat(effects).isEmpty();
    assertThat(state).isInstanceOf(PodState.Draining.class);
  }

  private void confirmed(String start) {
    started(start, 10);
    listen(start, true);
    probe(start, 3, 0);
  }

  @Test
  void whatIsToldAgainIsSilentAndNothingGrowsWithHowMuchWasTold() {
    started("a", 10);
    for (int i = 0; i < 2 * Announced.LATEST; i++) {
      exec("a", 20 + i);
    }
    effects.clear();

    exec("a", 20 + Announced.LATEST);
    exec("a", 19 + 2 * Announced.LATEST);

    assertThat(announced()).isEmpty();
    assertThat(state.facts().orElseThrow().announced().latest()).hasSize(Announced.LATEST);
  }

  private void exec(String start, long atNanos) {
    said(
        FromNode.newBuilder()
            .setSignal(
                Signal.newBuilder()
                    .setStart(ref(start))
                    .setKind(Signal.Kind.EXEC)
                    .setAtNanos(atNanos)
                    .setPath("/bin/true"))
            .build());
  }

  private void overdue() {
    nanos += Duration.ofSeconds(61).toNanos();
    decide(new PodInput.Woke());
  }

  private void started(String start, long execNanos) {
    said(started(start, execNanos, unused -> {}));
  }

  private static FromNode started(
      String start, long execNanos, Consumer<ProcessStarted.Builder> more) {
    var said = ProcessStarted.newBuilder().setStart(ref(start)).setExecNanos(execNanos);
    more.accept(said);
    return FromNode.newBuilder().setProcessStarted(said).build();
  }

  private void exited(String start) {
    said(
        FromNode.newBuilder()
            .setProcessExited(
                ProcessExited.newBuilder()
                    .setStart(ref(start))
                    .setExitCode(3)
                    .addLastLines("no database"))
            .build());
  }

  private void listen(String start, boolean target) {
    said(
        FromNode.newBuilder()
            .setSignal(
                Signal.newBuilder()
                    .setStart(ref(start))
                    .setKind(Signal.Kind.LISTEN)
                    .setAtNanos(50)
                    .setTarget(target)
                    .setAddress(
                        Address.newBuilder().setHost("127.101.0.1").setPort(target ? 8080 : 9999)))
            .build());
  }

  private void probe(String start, int successes, int failures) {
    said(
        FromNode.newBuilder()
            .setProbeReport(
                ProbeReport.newBuilder()
                    .setStart(ref(start))
                    .setOutcome(
                        failures == 0
                            ? ProbeReport.Outcome.SUCCESS
                            : ProbeReport.Outcome.BAD_STATUS)
                    .setDetail(failures == 0 ? "" : "status 500")
                    .setSuccessesInRow(successes)
                    .setFailuresInRow(failures)
                    .setProtocol("h2c"))
            .build());
  }

  private void assign(String start, Phase phase, int weight) {
    decide(new PodInput.Assigned(new StartId(start), phase, weight));
  }

  private void said(FromNode message) {
    decide(new PodInput.NodeSaid(message));
  }

  private void decide(PodInput input) {
    PodDecision decision = core.decide(state, input, new Moment(nanos, Instant.EPOCH));
    state = decision.state();
    effects.addAll(decision.effects());
  }

  private List<Fact> facts() {
    return effects.stream()
        .filter(PodEffect.Tell.class::isInstance)
        .map(effect -> ((PodEffect.Tell) effect).moved().fact())
        .toList();
  }

  private List<ToNode> orders() {
    return effects.stream()
        .filter(PodEffect.Command.class::isInstance)
        .map(effect -> ((PodEffect.Command) effect).message())
        .toList();
  }

  private List<String> announced() {
    return effects.stream()
        .filter(PodEffect.Announce.class::isInstance)
        .map(effect -> ((PodEffect.Announce) effect).event())
        .toList();
  }

  private static StartRef ref(String start) {
    return StartRef.newBuilder().setPodUid(UID.value()).setStartId(start).build();
  }
}
