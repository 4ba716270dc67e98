package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Input;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which pods there are, which there were, and which number the next one has: a name is never used
 * twice. Whoever is added or leaves is recorded before this is told to anybody. One thread.
 */
final class Roster {
  private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

  private final WarmupPolicy policy;
  private final LocalRun run;
  private final Map<PodUid, Replica> present = new LinkedHashMap<>();
  private final Map<PodUid, LocalPods.View> departed = new LinkedHashMap<>();
  private int nextIndex;

  Roster(WarmupPolicy policy, LocalRun run) {
    this.policy = policy;
    this.run = run;
    this.nextIndex = run.firstIndex();
    run.adopted().stream().map(Replica::adopted).forEach(each -> present.put(each.uid, each));
  }

  /**
   * A further one.
   *
   * @throws UncheckedIOException when it cannot be recorded: then there is none
   */
  Replica add() {
    int index = nextIndex++;
    var name = new PodName(policy.name() + "-" + index);
    List<Endpoint> taken = present.values().stream().map(each -> each.endpoint).toList();
    var replica =
        new Replica(
            index, new PodUid(name + "." + run.runId()), name, Addresses.of(policy, index, taken));
    present.put(replica.uid, replica);
    try {
      record();
    } catch (UncheckedIOException e) {
      present.remove(replica.uid); // a successor could not adopt what it does not know
      throw e;
    }
    return replica;
  }

  /**
   * It has gone for good; {@code why} is what people are told. That a successor hears of it by the
   * record is not needed: it would find no such process.
   */
  void departed(Replica replica, String why) {
    present.remove(replica.uid);
    try {
      record();
    } catch (UncheckedIOException e) {
      LOG.warn("a replica's end could not be recorded pod={} why={}", replica.name, e.getMessage());
    }
    departed.put(replica.uid, replica.view(Optional.of(why)));
  }

  private void record() {
    run.record()
        .remember(
            nextIndex,
            present.values().stream()
                .map(each -> new LocalRun.Adopted(each.uid, each.name, each.endpoint))
                .toList());
  }

  Collection<Replica> present() {
    return present.values();
  }

  @Nullable Replica find(PodUid uid) {
    return present.get(uid);
  }

  Optional<Replica> named(String name) {
    return present.values().stream().filter(each -> each.name.value().equals(name)).findFirst();
  }

  /** Those that are not being ended for good. */
  List<Replica> staying() {
    return present.values().stream()
        .filter(each -> each.plan != Replica.Plan.REMOVE)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  boolean isEmpty() {
    return present.isEmpty();
  }

  /** The complete list of members. */
  Input.Digest digest() {
    return new Input.Digest(
        present.values().stream()
            .map(each -> new Input.Known(each.uid, each.name, each.endpoint))
            .toList());
  }

  /** Those that are there, then those that have gone. */
  List<LocalPods.View> views() {
    var views = new ArrayList<LocalPods.View>();
    present.values().forEach(each -> views.add(each.view(Optional.empty())));
    views.addAll(departed.values());
    return views;
  }
}
