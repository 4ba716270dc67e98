package dev.thaw.coordinator.simulation;

import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Counters;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.SetProbing;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.WarmupReport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A model of a node: processes that start, listen, answer, fail and die; probes and scrapes. */
final class Node {
  private final World world;
  private final WarmupPolicy policy;
  private final Map<PodUid, Process> processes = new LinkedHashMap<>();
  private BiConsumer<PodUid, FromNode> reports = (pod, message) -> {};
  private Consumer<Input> samples = sample -> {};
  private Set<PodUid> scraped = Set.of();
  private int generation;
  private boolean metrics = true;
  private long metricsChanged;

  Node(World world, WarmupPolicy policy) {
    this.world = world;
    this.policy = policy;
    this.metricsChanged = world.nanos();
    world.after(Duration.ofSeconds(1), this::scrape);
  }

  void connect(BiConsumer<PodUid, FromNode> newReports, Consumer<Input> newSamples) {
    reports = newReports;
    samples = newSamples;
  }

  Map<PodUid, Process> processes() {
    return processes;
  }

  Optional<Process> alive(PodUid pod) {
    return Optional.ofNullable(processes.get(pod)).filter(process -> !process.dead);
  }

  void metrics(boolean works) {
    if (metrics != works) {
      metrics = works;
      metricsChanged = world.nanos();
    }
  }

  /** Whether nobody can have seen a believable counter for that long. */
  boolean blindFor(Duration time) {
    return !metrics && world.nanos() - metricsChanged > time.toNanos();
  }

  Process start(PodUid pod) {
    var process = new Process(pod, new StartId("boot:" + ++generation), world.nanos());
    processes.put(pod, process);
    process.listensFrom = world.nanos() + world.between(20, 800).toNanos();
    process.servesFrom = process.listensFrom + world.between(0, 1_500).toNanos();
    world.note("process " + process.start.value() + " of " + pod);
    say(process, started(process));
    world.at(process.listensFrom, () -> listen(process));
    return process;
  }

  void kill(PodUid pod) {
    alive(pod)
        .ifPresent(
            process -> {
              process.dead = true;
              world.note("dies: " + process.start.value());
              say(process, exited(process));
            });
  }

  void scrape(Set<PodUid> pods) {
    scraped = pods;
  }

  /** An order of the coordinator. */
  void order(ToNode message) {
    switch (message.getMessageCase()) {
      case SET_PROBING ->
          of(message.getSetProbing().getStart())
              .ifPresent(process -> process.phase = message.getSetProbing().getPhase());
      case RUN_WARMUP -> of(message.getRunWarmup().getStart()).ifPresent(this::warm);
      default -> {
        // the model needs no more
      }
    }
  }

  /** Everything it knows, for a coordinator that has just come. */
  void report() {
    for (Process process : processes.values()) {
      say(process, started(process));
      if (process.dead) {
        say(process, exited(process));
        continue;
      }
      if (process.listenSeen) {
        say(process, listening(process));
      }
      process.probed.ifPresent(
          probed -> say(process, FromNode.newBuilder().setProbeReport(probed).build()));
      process.warmed.ifPresent(
          warmed -> say(process, FromNode.newBuilder().setWarmupReport(warmed).build()));
    }
  }

  private Optional<Process> of(StartRef ref) {
    return processes.values().stream()
        .filter(process -> !process.dead && process.start.value().equals(ref.getStartId()))
        .findFirst();
  }

  private void listen(Process process) {
    if (!process.dead) {
      process.listenSeen = true;
      say(process, listening(process));
      probe(process);
    }
  }

  private void probe(Process process) {
    if (process.dead) {
      return;
    }
    int before = process.failures;
    process.probe(world.nanos());
    boolean news =
        process.phase == SetProbing.Phase.CONFIRMING || process.failures > 0 || before > 0;
    if (news) {
      ProbeReport said = probeReport(process);
      process.probed = Optional.of(said);
      say(process, FromNode.newBuilder().setProbeReport(said).build());
    }
    world.after(cadence(process.phase), () -> probe(process));
  }

  private Duration cadence(SetProbing.Phase phase) {
    return switch (phase) {
      case READY -> Duration.ofSeconds(2);
      case CLIMBING -> Duration.ofMillis(500);
      default -> policy.probe().interval();
    };
  }

  private void warm(Process process) {
    world.after(
        world.between(100, 1_500),
        () -> {
          if (!process.dead) {
            var said =
                WarmupReport.newBuilder()
                    .setStart(ref(process))
                    .setSent(100)
                    .setErrors(process.failsWarmup ? 50 : 0)
                    .setEndedNanos(world.nanos())
                    .build();
            process.warmed = Optional.of(said);
            say(process, FromNode.newBuilder().setWarmupReport(said).build());
          }
        });
  }

  private void scrape() {
    for (PodUid pod : scraped) {
      alive(pod).ifPresent(this::sample);
    }
    world.after(Duration.ofSeconds(1), this::scrape);
  }

  private void sample(Process process) {
    Optional<Counters> counters = metrics ? Optional.of(counters(process)) : nonsense(process);
    samples.accept(
        new Input.Sampled(
            process.pod,
            process.start,
            world.nanos(),
            counters,
            counters.isPresent() ? "" : "connection refused"));
  }

  private static Counters counters(Process process) {
    double requests = Math.floor(process.requests);
    return new Counters(
        requests, Math.floor(process.errors), requests, requests - Math.floor(process.slow));
  }

  /** Nothing at all, no number, or counters that run backwards. */
  private Optional<Counters> nonsense(Process process) {
    return switch (world.random.nextInt(3)) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(new Counters(Double.NaN, 0, Double.NaN, 0));
      default -> Optional.of(new Counters(-1 - process.requests, 5, 3, 9));
    };
  }

  private void say(Process process, FromNode message) {
    reports.accept(process.pod, message);
  }

  private static FromNode started(Process process) {
    return FromNode.newBuilder()
        .setProcessStarted(
            ProcessStarted.newBuilder().setStart(ref(process)).setExecNanos(process.execNanos))
        .build();
  }

  private FromNode listening(Process process) {
    return FromNode.newBuilder()
        .setSignal(
            Signal.newBuilder()
                .setStart(ref(process))
                .setKind(Signal.Kind.LISTEN)
                .setAtNanos(process.listensFrom)
                .setAddress(Address.newBuilder().setHost("127.101.0.1").setPort(8080))
                .setTarget(true))
        .build();
  }

  private FromNode exited(Process process) {
    return FromNode.newBuilder()
        .setProcessExited(
            ProcessExited.newBuilder()
                .setStart(ref(process))
                .setAtNanos(world.nanos())
                .setSignal(9))
        .build();
  }

  private ProbeReport probeReport(Process process) {
    return ProbeReport.newBuilder()
        .setStart(ref(process))
        .setOutcome(
            process.failures == 0 ? ProbeReport.Outcome.SUCCESS : ProbeReport.Outcome.BAD_STATUS)
        .setDetail(process.failures == 0 ? "" : "status 500")
        .setSuccessesInRow(process.successes)
        .setFailuresInRow(process.failures)
        .setAnsweredNanos(world.nanos())
        .setProtocol("h2c")
        .build();
  }

  private static StartRef ref(Process process) {
    return StartRef.newBuilder()
        .setPodUid(process.pod.value())
        .setStartId(process.start.value())
        .build();
  }
}
