package dev.thaw.coordinator.pod;

import dev.thaw.config.Endpoint;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Fact;
import dev.thaw.coordinator.workload.Moment;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PoolReport;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.WarmupReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a pod's node says and what follows from it for the pod's state. */
final class Ears {
  private final WarmupPolicy policy;

  Ears(WarmupPolicy policy) {
    this.policy = policy;
  }

  void heard(PodStep step, FromNode message, Moment now) {
    switch (message.getMessageCase()) {
      case PROCESS_STARTED -> started(step, message.getProcessStarted(), now);
      case PROCESS_FAILED -> failed(step, message.getProcessFailed().getDetail());
      case PROCESS_EXITED -> exited(step, message.getProcessExited());
      case SIGNAL -> signal(step, message.getSignal());
      case PROBE_REPORT -> probed(step, message.getProbeReport());
      case WARMUP_REPORT -> warmed(step, message.getWarmupReport());
      case POOL_REPORT -> pooled(step, message.getPoolReport());
      default -> {
        // not about one pod's life
      }
    }
  }

  private void started(PodStep step, ProcessStarted said, Moment now) {
    var start = new StartId(said.getStart().getStartId());
    Optional<StartFacts> known = step.state.facts();
    if (known.filter(facts -> facts.start().equals(start)).isPresent()
        || known.filter(facts -> facts.execNanos() > said.getExecNanos()).isPresent()) {
      return;
    }
    long deadline = now.nanos() + policy.startDeadline().toNanos();
    step.state =
        new PodState.Started(
            StartFacts.of(start, said.getPid(), said.getExecNanos(), deadline, said.getTakenBy()));
    step.tell(start, new Fact.Started(said.getExecNanos()));
    if (said.hasContainer()) {
      step.announce("container", said.getExecNanos(), fields(said.getContainer()));
    }
  }

  /** What its control group's path does not tell is absent. */
  private static Map<String, Object> fields(Container said) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("id", said.getId());
    if (!said.getRuntime().isEmpty()) {
      fields.put("runtime", said.getRuntime());
    }
    if (!said.getPodUid().isEmpty()) {
      fields.put("pod_uid", said.getPodUid());
    }
    return fields;
  }

  private static void failed(PodStep step, String detail) {
    if (step.state instanceof PodState.Appeared appeared) {
      step.state = new PodState.Appeared(detail, appeared.assigned());
    }
  }

  private void exited(PodStep step, ProcessExited said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    String how = how(said);
    Map<String, Object> fields = fields(said, facts, step.state instanceof PodState.Draining);
    step.state = new PodState.Gone(facts, how);
    step.tell(facts.start(), new Fact.Exited(how));
    step.announce("gone", said.getAtNanos(), fields);
  }

  private static String how(ProcessExited said) {
    return switch (said.getHowCase()) {
      case EXIT_CODE -> "exit code " + said.getExitCode();
      case SIGNAL -> "signal " + said.getSignal();
      default -> "how is not known";
    };
  }

  /** What it said last matters where nobody had asked for its end. */
  private static Map<String, Object> fields(
      ProcessExited said, StartFacts facts, boolean requested) {
    var fields = new LinkedHashMap<String, Object>();
    switch (said.getHowCase()) {
      case EXIT_CODE -> fields.put("exit_code", said.getExitCode());
      case SIGNAL -> fields.put("signal", said.getSignal());
      default -> {
        // a process that was adopted, and whose end the kernel did not tell
      }
    }
    if (requested) {
      fields.put("requested", true);
      return fields;
    }
    if (facts.hasServed()) {
      fields.put("served", true);
    }
    if (said.getLastLinesCount() > 0) {
      fields.put("last_lines", List.copyOf(said.getLastLinesList()));
    }
    return fields;
  }

  private void signal(PodStep step, Signal said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    switch (said.getKind()) {
      case EXEC -> once(step, said, "exec", withPid(said, path(said)));
      case RUNTIME_MAIN -> once(step, said, "runtime_main", Map.of());
      case MAIN_MAIN -> once(step, said, "main_main", Map.of());
      case UNMARKED ->
          once(step, said, "unmarked", two("path", said.getPath(), "why", said.getWhy()));
      case SERVE -> once(step, said, "serve", Map.of("server", said.getServer()));
      case LISTEN -> listens(step, facts, said);
      case LISTEN_CLOSED -> closed(step, facts, said);
      default -> {
        // a kind of a later node
      }
    }
  }

  /** Of an image that nobody runs any more the kernel remembers no path. */
  private static Map<String, Object> path(Signal said) {
    return said.getPath().isEmpty() ? Map.of() : Map.of("path", said.getPath());
  }

  private void listens(PodStep step, StartFacts facts, Signal said) {
    Endpoint address = address(said);
    if (!said.getTarget()) {
      step.put(facts.listened(facts.listened().elsewhere(address)));
      return;
    }
    StartFacts now = facts.listened(facts.listened().opened(address));
    step.put(now);
    if (step.state instanceof PodState.Started) {
      step.state = new PodState.Confirming(now);
    }
    step.tell(facts.start(), new Fact.Listening(true));
    once(step, said, "listen", listener(said));
  }

  private static Endpoint address(Signal said) {
    return new Endpoint(said.getAddress().getHost(), said.getAddress().getPort());
  }

  private static Map<String, Object> listener(Signal said) {
    Endpoint address = address(said);
    return withPid(said, two("address", address.host(), "port", address.port()));
  }

  /** In this order, on every machine and each time. */
  private static Map<String, Object> two(
      String name, Object value, String otherName, Object otherValue) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put(name, value);
    fields.put(otherName, otherValue);
    return fields;
  }

  /** A pod may have several processes: which of them it was, where the node says so. */
  private static Map<String, Object> withPid(Signal said, Map<String, Object> fields) {
    var more = new LinkedHashMap<>(fields);
    if (said.getPid() != 0) {
      more.put("pid", said.getPid());
    }
    return more;
  }

  private void closed(PodStep step, StartFacts facts, Signal said) {
    if (said.getTarget()) {
      step.put(facts.listened(facts.listened().closed(address(said))));
      step.tell(facts.start(), new Fact.Listening(false));
      once(step, said, "listen_closed", listener(said));
    }
  }

  private void probed(PodStep step, ProbeReport said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null || step.state instanceof PodState.Draining) {
      return;
    }
    boolean success = said.getOutcome() == ProbeReport.Outcome.SUCCESS;
    var streak = new Fact.Probed(said.getFailuresInRow(), named(said));
    boolean news =
        facts.probed().map(Fact.Probed::failuresInRow).orElse(-1) != streak.failuresInRow();
    step.put(facts.probed(streak));
    if (news) {
      step.tell(facts.start(), streak);
    }
    if (success && !step.announced("first_success")) {
      step.announce("first_success", said.getAnsweredNanos(), spoken(said));
    }
    boolean proving =
        step.state instanceof PodState.Started || step.state instanceof PodState.Confirming;
    if (proving && success && said.getSuccessesInRow() >= policy.probe().successThreshold()) {
      step.state = new PodState.Confirmed(step.state.facts().orElseThrow().served());
      step.tell(facts.start(), new Fact.Confirmed());
    }
  }

  /** The outcome's name before its sentence, so that people can search for it. */
  private static String named(ProbeReport said) {
    return said.getDetail().isEmpty() ? "" : said.getOutcome() + ": " + said.getDetail();
  }

  /** Where the probe was asked from only when that was the pod's own network. */
  private static Map<String, Object> spoken(ProbeReport said) {
    return said.getInside()
        ? two("protocol", said.getProtocol(), "inside", true)
        : Map.of("protocol", said.getProtocol());
  }

  private void warmed(PodStep step, WarmupReport said) {
    StartFacts facts = present(step, said.getStart());
    if (facts == null) {
      return;
    }
    var ended =
        new Fact.WarmupEnded(
            said.getSent(), said.getErrors(), said.getEndedNanos(), said.getLastError());
    boolean repeated = facts.warmup().filter(ended::equals).isPresent();
    step.put(facts.warmed(Optional.of(ended)));
    step.tell(facts.start(), ended);
    if (!repeated) {
      step.announce("warmed", said.getEndedNanos(), fields(said));
    }
  }

  private static void pooled(PodStep step, PoolReport said) {
    if (present(step, said.getStart()) != null) {
      step.announce(
          "pool",
          said.getAtNanos(),
          Map.of(
              "warm_connections", said.getWarmConnections(),
              "cold_connections", said.getColdConnections()));
    }
  }

  /** The pool's connections and the plateau only where the policy asks for them. */
  private static Map<String, Object> fields(WarmupReport said) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("sent", said.getSent());
    fields.put("errors", said.getErrors());
    fields.put("p50_first_ms", said.getP50FirstNanos() / 1e6);
    fields.put("p50_last_ms", said.getP50LastNanos() / 1e6);
    fields.put("course_ms", said.getCourseNanosList().stream().map(nanos -> nanos / 1e6).toList());
    if (said.getPlateauAfter() > 0) {
      fields.put("plateau_after", said.getPlateauAfter());
    }
    if (said.getWarmConnections() + said.getColdConnections() > 0) {
      fields.put("warm_connections", said.getWarmConnections());
      fields.put("cold_connections", said.getColdConnections());
    }
    return fields;
  }

  /** The facts of the start that is spoken of, if it is the present one and alive. */
  private static @Nullable StartFacts present(PodStep step, StartRef ref) {
    return step.state instanceof PodState.Gone
        ? null
        : step.state
            .facts()
            .filter(facts -> facts.start().value().equals(ref.getStartId()))
            .orElse(null);
  }

  private static void once(PodStep step, Signal said, String event, Map<String, Object> fields) {
    StartFacts facts = step.state.facts().orElseThrow();
    if (!facts.announced().has(event, said.getAtNanos())) {
      step.put(facts.announced(event, said.getAtNanos()));
      step.owe(new PodEffect.Announce(event, OptionalLong.of(said.getAtNanos()), fields));
    }
  }
}
