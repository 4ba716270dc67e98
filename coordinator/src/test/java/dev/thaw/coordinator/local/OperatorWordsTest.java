package dev.thaw.coordinator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PodUid;
import dev.thaw.coordinator.Policies;
import dev.thaw.coordinator.workload.WorkloadActor.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperatorWordsTest {
  private final List<String> recorded = new ArrayList<>();
  private final List<Replica> removed = new ArrayList<>();
  private final List<Replica> restarted = new ArrayList<>();
  private final Roster roster = new Roster(Policies.quick(), run());
  private final OperatorWords words =
      new OperatorWords("orders", roster, roster::add, removed::add, restarted::add);

  private LocalRun run() {
    return new LocalRun(
        List.of("/bin/true"),
        1,
        RestartMode.NEVER,
        Map.of(),
        Path.of("/"),
        Path.of("/logs"),
        0,
        "run",
        0,
        List.of(),
        (next, pods) -> recorded.add(next + ":" + pods.size()));
  }

  @Test
  void moreAreAddedAndRecordedBeforeAnythingElse() {
    Answer answer = words.scale(2, Set.of());

    assertThat(answer.said()).isEqualTo("orders has 2 replicas now (it had 0).");
    assertThat(recorded).containsExactly("1:1", "2:2");
    assertThat(roster.present()).extracting(each -> each.endpoint).doesNotHaveDuplicates();
  }

  @Test
  void ofFewerThoseWithTrafficAreKept() {
    Replica old = roster.add();
    Replica young = roster.add();

    assertThat(words.scale(1, Set.of(young.uid)).accepted()).isTrue();

    assertThat(removed).containsExactly(old);
  }

  @Test
  void anImpossibleNumberChangesNothing() {
    assertThat(words.scale(0, Set.of()).said()).isEqualTo("replicas: 0 (expected: 1 to 256)");
    assertThat(words.scale(257, Set.of()).accepted()).isFalse();
    assertThat(recorded).isEmpty();
  }

  @Test
  void theOnlyOneWithTrafficIsNotRestarted() {
    Replica warm = roster.add();
    Replica cold = roster.add();
    Set<PodUid> serving = Set.of(warm.uid);

    assertThat(words.restart(warm.name.value(), serving).said()).contains("without a backend");
    assertThat(words.restart(cold.name.value(), serving).accepted()).isTrue();
    assertThat(words.restart("nobody", serving).said()).isEqualTo("no pod nobody");
    assertThat(restarted).containsExactly(cold);
  }

  @Test
  void whoIsBeingEndedAlreadyIsNotRestarted() {
    Replica leaving = roster.add();
    leaving.plan = Replica.Plan.REMOVE;

    assertThat(words.restart(leaving.name.value(), Set.of()).said()).contains("being ended");
  }

  @Test
  void aNameIsNeverUsedTwice() {
    Replica first = roster.add();
    roster.departed(first, LocalPods.SCALED_DOWN);

    assertThat(roster.add().name).isNotEqualTo(first.name);
    assertThat(roster.views()).extracting(LocalPods.View::name).contains(first.name);
  }
}
