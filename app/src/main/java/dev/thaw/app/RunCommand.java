package dev.thaw.app;

import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.config.Endpoint;
import dev.thaw.config.Mode;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.Tuning;
import dev.thaw.coordinator.local.LocalRun;
import dev.thaw.coordinator.local.RestartMode;
import dev.thaw.node.FirstStart;
import dev.thaw.node.NodeRuntime;
import dev.thaw.persistence.JournalCheck;
import dev.thaw.persistence.JournalUnreadable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code thaw run}: checks everything that can be checked, then hands over to {@link LocalThaw}.
 */
@Command(
    name = "run",
    description = {
      "Runs replicas of a command behind one address and takes each to full traffic.",
      "",
      "{addr} and {port} in COMMAND are filled in, and given as THAW_ADDR, HOST and PORT."
    },
    mixinStandardHelpOptions = true,
    customSynopsis = "thaw run --policy=FILE [OPTIONS] -- COMMAND...")
final class RunCommand implements Callable<Integer> {

  @Option(names = "--policy", paramLabel = "FILE", required = true, description = "The policy.")
  Path policyFile;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many to begin with (default: 1).")
  int replicas;

  @Option(
      names = "--events",
      description = "One JSON object per event on stdout; progress stays on stderr.")
  boolean events;

  @Option(names = "--adopt", description = "Goes on with the replicas a killed run left.")
  boolean adopt;

  @Option(names = "--cleanup", description = "Ends what a killed run left, then begins anew.")
  boolean cleanup;

  @Option(names = "--state", paramLabel = "DIR", description = "Where the run keeps its state.")
  @Nullable Path state;

  @Option(
      names = "--cover",
      paramLabel = "CGROUP",
      description = "Only processes below this cgroup2 folder reach the service.")
  @Nullable Path cover;

  @Option(
      names = "--restart",
      paramLabel = "WHEN",
      defaultValue = "on-failure",
      converter = Restarts.class,
      description = "never, on-failure (default) or always.")
  RestartMode restart;

  @Option(
      names = "--admin-port",
      paramLabel = "P",
      defaultValue = "0",
      description = "Port of the admin API on 127.0.0.1 (default: a free one).")
  int adminPort;

  @Option(
      names = "--cpu-limit",
      paramLabel = "CPU",
      converter = CpuLimit.Reader.class,
      description = "Limit of each replica, such as 300m (default: none).")
  @Nullable CpuLimit cpuLimit;

  @Option(
      names = "--first-start",
      paramLabel = "HOW",
      defaultValue = "miss",
      converter = FirstStarts.class,
      description =
          "miss (default): the first start of an unseen program may lack signals; stop: hold it up at its exec while it is looked at, 5 to 20 ms and more on a busy machine, to see them all (Linux 6.16).")
  FirstStart firstStart;

  @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "What each replica runs.")
  List<String> command;

  /** Words of {@code --restart}. */
  static final class Restarts implements ITypeConverter<RestartMode> {
    @Override
    public RestartMode convert(String word) {
      return switch (word) {
        case "never" -> RestartMode.NEVER;
        case "on-failure" -> RestartMode.ON_FAILURE;
        case "always" -> RestartMode.ALWAYS;
        default ->
            throw new TypeConversionException(
                "\"" + word + "\" (expected: never, on-failure or always)");
      };
    }
  }

  /** Words of {@code --first-start}. */
  static final class FirstStarts implements ITypeConverter<FirstStart> {
    @Override
    public FirstStart convert(String word) {
      return switch (word) {
        case "miss" -> FirstStart.MISS;
        case "stop" -> FirstStart.STOP;
        default -> throw new TypeConversionException("\"" + word + "\" (expected: miss or stop)");
      };
    }
  }

  @Override
  public Integer call() {
    if (replicas < 1 || replicas > 256) {
      throw Refusal.usage("--replicas: " + replicas + " (expected: 1 to 256)");
    } else if (adminPort < 0 || adminPort > 65_535) {
      throw Refusal.usage("--admin-port: " + adminPort + " (expected: 0 to 65535)");
    } else if (adopt && cleanup) {
      throw Refusal.usage("--adopt and --cleanup exclude each other");
    }
    Tuning tuning = tuning();
    WarmupPolicy asked = PolicyCommand.load(policyFile, System.err::println);
    List<String> resolved =
        CommandPath.resolve(command, Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin"));
    if (cover != null && !CgroupLayout.isUnified(cover)) {
      throw Refusal.usage("--cover: " + cover + " is no cgroup2 folder");
    }
    BpfSupport support = BpfSupport.check(Optional.ofNullable(cover));
    support
        .foreign()
        .ifPresent(
            why -> {
              throw Refusal.now(why);
            });
    if (cpuLimit != null && !support.limits()) {
      throw Refusal.usage("--cpu-limit: " + String.join("; ", support.missing()));
    }
    off(support).ifPresent(System.err::println);
    WarmupPolicy policy = support.balancing() ? asked : observed(asked);
    Path place = state == null ? StateFolder.home().resolve(policy.name()) : state;
    try (var folder = new StateFolder(place.toAbsolutePath().normalize())) {
      folder.lock();
      System.setProperty("thaw.log", folder.path().resolve("logs/thaw.log").toString());
      return checked(policy, tuning, resolved, folder, support).run();
    }
  }

  /** The run, once nothing speaks against it. Who is refused leaves the folder as it was. */
  private LocalThaw checked(
      WarmupPolicy policy,
      Tuning tuning,
      List<String> resolved,
      StateFolder folder,
      BpfSupport support) {
    try {
      return prepared(policy, tuning, resolved, folder, support);
    } catch (RuntimeException refused) {
      try {
        folder.leaveNoTrace();
      } catch (UncheckedIOException e) {
        System.err.println("thaw: what was made for this run stays: " + FileTrouble.sentence(e));
      }
      throw refused;
    }
  }

  private LocalThaw prepared(
      WarmupPolicy policy,
      Tuning tuning,
      List<String> resolved,
      StateFolder folder,
      BpfSupport support) {
    Optional<StateFolder.Run> killed = folder.killed();
    if (adopt && killed.isEmpty()) {
      throw Refusal.now("--adopt: " + folder.path() + " holds nothing to adopt");
    } else if (killed.isPresent() && !adopt && !cleanup) {
      throw Refusal.now(
          "a killed run has left %d replicas behind (%s): go on with them by --adopt, or end them by --cleanup"
              .formatted(killed.get().pods().size(), folder.path()));
    }
    boolean hasJournal = Files.exists(folder.journal());
    checkJournal(folder);
    var vacancy = new Vacancy(policy.name(), support);
    vacancy.pinsOfAnotherBuild(cleanup);
    boolean leftElsewhere = killed.isEmpty() && vacancy.pinsOfAKilledRun(cleanup);
    if (cleanup && (killed.isPresent() || leftElsewhere)) {
      LocalThaw.cleanUp(policy, tuning, folder, killed.orElse(StateFolder.Run.NONE), cover);
      killed = Optional.empty();
    }
    vacancy.address("the service address", policy.service());
    vacancy.service(policy.service(), cover);
    if (adminPort != 0) {
      vacancy.address("the admin port", new Endpoint("127.0.0.1", adminPort));
    }
    if (killed.isEmpty() && hasJournal) {
      folder.setJournalAside();
      checkJournal(folder);
    }
    String runId =
        killed
            .map(StateFolder.Run::runId)
            .orElseGet(() -> Long.toString(System.currentTimeMillis(), Character.MAX_RADIX));
    var run =
        new LocalRun(
            resolved,
            replicas,
            restart,
            Map.of(),
            Path.of("").toAbsolutePath(),
            folder.logs(),
            cpuLimit == null ? 0 : cpuLimit.millicores(),
            runId,
            killed.map(StateFolder.Run::nextIndex).orElse(0),
            killed.map(StateFolder.Run::pods).orElse(List.of()),
            (next, pods) -> folder.remember(new StateFolder.Run(runId, next, pods)));
    var progress = new Progress(System.err, System.out, events);
    return new LocalThaw(policy, tuning, folder, run, adminPort, cover, firstStart, progress);
  }

  /** Settings that cannot be had end here, before anything starts. */
  private static Tuning tuning() {
    try {
      NodeRuntime.checkSettings();
      return Tuning.load();
    } catch (IllegalArgumentException e) {
      throw Refusal.usage(String.valueOf(e.getMessage()));
    }
  }

  private static void checkJournal(StateFolder folder) {
    try {
      JournalCheck.open(folder.journal());
    } catch (JournalUnreadable e) {
      throw Refusal.now(String.valueOf(e.getMessage()));
    }
  }

  /** The first line of a run that cannot do everything: what is off and what brings it back. */
  static Optional<String> off(BpfSupport support) {
    var off = new ArrayList<String>();
    if (!support.signals()) {
      off.add("signals");
    }
    if (!support.balancing()) {
      off.add("balancing");
    }
    if (!support.limits()) {
      off.add("limits");
    }
    return off.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "off: %s (%s)%s"
                .formatted(
                    String.join(", ", off),
                    String.join("; ", support.missing()),
                    support.balancing()
                        ? ""
                        : "; mode observe: clients dial the replicas' own addresses"));
  }

  /** What cannot be steered is only watched. */
  private static WarmupPolicy observed(WarmupPolicy asked) {
    return new WarmupPolicy(
        asked.name(),
        Mode.OBSERVE,
        asked.service(),
        asked.targetPort(),
        asked.startDeadline(),
        asked.probe(),
        asked.warmup(),
        asked.metrics(),
        asked.birth());
  }
}
