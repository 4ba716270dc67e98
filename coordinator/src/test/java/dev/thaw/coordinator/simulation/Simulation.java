package dev.thaw.coordinator.simulation;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.Verb;
import dev.thaw.persistence.WeightTable;
import dev.thaw.persistence.WorkloadEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One run: a workload of a few pods through trouble of every kind, then through quiet. Everything
 * follows from the seed.
 */
final class Simulation {
  private static final Duration TROUBLE = Duration.ofSeconds(40);
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final int PATIENCE = 60;
  private static final double USERS_PER_SECOND = 200;

  private final World world;
  private final WarmupPolicy policy;
  private final Function<WarmupPolicy, Core> cores;
  private final Node node;
  private final Plane plane;
  private final Checks checks;
  private final List<WorkloadEvent> journal = new ArrayList<>();
  private final List<Input.Known> pods = new ArrayList<>();
  private Coordinator coordinator;
  private boolean quiet;
  private long served;
  private int born;

  Simulation(long seed, Function<WarmupPolicy, Core> cores) {
    this.world = new World(seed);
    this.policy = SimulatedPolicies.any(world.random);
    this.cores = cores;
    this.node = new Node(world, policy);
    this.checks = new Checks(world, policy, node);
    this.plane = new Plane(world, this::applied);
    this.served = world.nanos();
    checks.watch(plane);
    this.coordinator = newCoordinator();
  }

  /** Runs to the end; throws {@link World.Violation} when an invariant breaks. */
  void run() {
    world.note("policy " + policy.mode() + ", metrics " + policy.metrics().isPresent());
    coordinator.open();
    int replicas = 1 + world.random.nextInt(4);
    for (int i = 0; i < replicas; i++) {
      world.after(world.between(0, 3_000), this::bear);
    }
    world.after(Duration.ofMillis(100), this::list);
    world.after(world.between(500, 3_000), this::trouble);
    world.after(Duration.ofMillis(250), this::serve);
    world.run(TROUBLE);
    heal();
    world.run(QUIET);
    for (int waited = 0; waited < PATIENCE && !checks.wellAgain(coordinator.state()); waited++) {
      world.run(QUIET);
    }
    world.check(
        checks.wellAgain(coordinator.state()), "in the end all are full", coordinator.state());
  }

  List<WorkloadEvent> journal() {
    return journal;
  }

  private Coordinator newCoordinator() {
    return new Coordinator(world, policy, cores.apply(policy), journal, node, plane, checks);
  }

  private void bear() {
    int number = born++;
    var name = new PodName("orders-" + number);
    var uid = new PodUid(name + ".sim");
    pods.add(new Input.Known(uid, name, new Endpoint("127.101.0." + (number + 1), 8080)));
    process(uid);
  }

  private void process(PodUid pod) {
    Process process = node.start(pod);
    if (!quiet) {
      process.errorRatio = world.chance(0.25) ? 0.3 : 0;
      process.slowShare = world.chance(0.15) ? 0.5 : 0;
      process.failsWarmup = world.chance(0.2);
      if (world.chance(0.15)) {
        process.servesFrom += Duration.ofSeconds(20).toNanos();
      }
    }
  }

  /** The source's complete list, now and then with one forgotten. */
  private void list() {
    var members = new ArrayList<>(pods);
    if (!quiet && !members.isEmpty() && world.chance(0.15)) {
      members.remove(world.random.nextInt(members.size()));
    }
    var digest = new Input.Digest(members);
    if (!coordinator.crashed()) {
      checks.listed(digest);
      coordinator.tell(digest);
    }
    world.after(Duration.ofSeconds(quiet ? 2 : 5), this::list);
  }

  private void trouble() {
    if (quiet) {
      return;
    }
    switch (world.random.nextInt(13)) {
      case 0, 1 -> crash();
      case 2 -> anyPod(this::die);
      case 3 -> anyPod(this::failProbes);
      case 4 -> node.metrics(!world.chance(0.6));
      case 5 -> world.stepWall(Duration.ofSeconds(world.random.nextInt(200_000) - 100_000));
      case 6 -> bear();
      case 7 -> anyPod(this::delete);
      case 8, 9, 10 -> command();
      case 11 -> anyPod(this::restart);
      default -> anyPod(this::misbehave);
    }
    world.after(world.between(300, 4_000), this::trouble);
  }

  private void crash() {
    if (!coordinator.crashed()) {
      coordinator.crash();
      world.after(world.between(50, 6_000), this::reopen);
    }
  }

  private void reopen() {
    if (coordinator.crashed()) {
      coordinator = newCoordinator();
      coordinator.open();
    }
  }

  private void die(PodUid pod) {
    node.kill(pod);
    if (world.chance(0.7)) {
      world.after(
          world.between(200, 3_000),
          () -> {
            if (node.alive(pod).isEmpty() && isListed(pod)) {
              process(pod);
            }
          });
    }
  }

  /** Asked for by an operator: its traffic goes first. */
  private void restart(PodUid pod) {
    if (coordinator.state().table().entries().size() > 1) {
      world.note("restart of " + pod);
      coordinator.ending(pod);
      world.after(world.between(50, 500), () -> node.kill(pod));
      world.after(
          world.between(600, 2_000),
          () -> {
            if (node.alive(pod).isEmpty() && isListed(pod)) {
              process(pod);
            }
          });
    }
  }

  private boolean isListed(PodUid pod) {
    return pods.stream().anyMatch(known -> known.pod().equals(pod));
  }

  private void failProbes(PodUid pod) {
    node.alive(pod)
        .ifPresent(
            process -> {
              process.failsFrom = world.nanos();
              process.failsUntil = world.nanos() + world.between(100, 6_000).toNanos();
            });
  }

  private void misbehave(PodUid pod) {
    node.alive(pod)
        .ifPresent(
            process -> {
              process.errorRatio = world.chance(0.5) ? 0.5 : 0;
              process.slowShare = world.chance(0.3) ? 0.5 : 0;
            });
  }

  /** What the source says of it may be lost; then two lists without it must do. */
  private void delete(PodUid pod) {
    pods.removeIf(known -> known.pod().equals(pod));
    node.kill(pod);
    checks.deleted(pod);
    if (world.chance(0.7)) {
      coordinator.tell(new Input.Deleted(pod, "scaled down"));
    }
  }

  private void command() {
    Verb verb = Verb.values()[world.random.nextInt(Verb.values().length)];
    List<PodUid> whom =
        pods.isEmpty() || world.chance(0.2)
            ? List.of()
            : List.of(pods.get(world.random.nextInt(pods.size())).pod());
    var command = new Input.Command(verb, whom, world.chance(0.4), world.chance(0.4));
    world.note(command);
    coordinator.tell(command);
  }

  private interface OnPod {
    void on(PodUid pod);
  }

  private void anyPod(OnPod action) {
    if (!pods.isEmpty()) {
      action.on(pods.get(world.random.nextInt(pods.size())).pod());
    }
  }

  /** Nothing is wrong any more, and nobody is frozen. */
  private void heal() {
    world.note("all is well again");
    quiet = true;
    plane.reliable(true);
    node.metrics(true);
    reopen();
    for (Input.Known known : pods) {
      if (node.alive(known.pod()).isEmpty()) {
        process(known.pod());
      }
      Process process = node.processes().get(known.pod());
      process.failsUntil = world.nanos();
      process.errorRatio = 0;
      process.slowShare = 0;
      process.servesFrom = Math.min(process.servesFrom, world.nanos());
    }
    world.after(Duration.ofSeconds(3), this::resume);
  }

  private void resume() {
    coordinator.tell(new Input.Command(Verb.RESUME, List.of(), false, false));
    coordinator.state().members().keySet().stream()
        .filter(this::isListed)
        .forEach(
            pod -> coordinator.tell(new Input.Command(Verb.RESUME, List.of(pod), false, false)));
  }

  /** Users arrive evenly and go where the plane sends them. */
  private void serve() {
    share();
    world.after(Duration.ofMillis(250), this::serve);
  }

  private void applied(WeightTable table) {
    share();
    checks.applied(table);
  }

  private void share() {
    double users = USERS_PER_SECOND * (world.nanos() - served) / 1e9;
    served = world.nanos();
    List<WeightTable.Entry> entries = plane.table().map(WeightTable::entries).orElse(List.of());
    int all = entries.stream().mapToInt(WeightTable.Entry::weight).sum();
    for (WeightTable.Entry entry : entries) {
      node.alive(entry.pod()).ifPresent(process -> process.serve(users * entry.weight() / all));
    }
  }
}
