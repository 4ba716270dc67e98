package dev.thaw.app;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.BpfSupport;
import dev.thaw.bpf.LeftPins;
import dev.thaw.bpf.PinnedBalance;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Listeners;
import dev.thaw.config.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must be free before a run begins; each refusal names who has it. */
final class Vacancy {
  private static final Path PINS = Path.of("/sys/fs/bpf/thaw");

  private final String policy;
  private final BpfSupport support;

  Vacancy(String policy, BpfSupport support) {
    this.policy = policy;
    this.support = support;
  }

  /** The pins of the program that balances for the policy of this name. */
  static Pins balance(String policy) {
    return new Pins(PINS.resolve(policy).resolve("balance"));
  }

  /**
   * Whether a killed run that kept its state elsewhere has left pins of this policy's name. Refused
   * when that run is alive.
   *
   * @param cleanup whether they may be taken away; refused otherwise
   */
  boolean pinsOfAKilledRun(boolean cleanup) {
    if (!support.balancing()) {
      return false;
    }
    Pins pins = balance(policy);
    Optional<Boolean> alive = asked(() -> isAlive(pins));
    if (alive.isEmpty()) {
      return false;
    } else if (alive.get()) {
      throw Refusal.now(
          "another run of policy %s is alive with another state folder (a sign of life less than 5 s old); end it, or give this policy another name"
              .formatted(policy));
    } else if (!cleanup) {
      throw Refusal.now(
          "a killed run of policy %s with another state folder has left its balancing in the kernel (%s): go on with it by --state and --adopt, or end it by --cleanup"
              .formatted(policy, pins.folder()));
    }
    return true;
  }

  /**
   * Takes away the pins of this policy's name that another build of Thaw has left. Refuses instead
   * when that is not wanted.
   */
  void pinsOfAnotherBuild(boolean cleanup) {
    if (!support.balancing()) {
      return;
    }
    for (Pins pins : LeftPins.ofAnotherBuild(PINS.resolve(policy))) {
      if (!cleanup) {
        throw Refusal.now(
            "another build of Thaw has left its programs in the kernel (%s), which this one cannot go on with: end them by --cleanup"
                .formatted(pins.folder()));
      }
      pins.removeAll();
    }
  }

  /** Refuses when somebody listens on this address. */
  void address(String what, Endpoint endpoint) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(inet(endpoint));
    } catch (IOException e) {
      throw Refusal.now(
          "%s %s cannot be used: %s%s"
              .formatted(what, endpoint, e.getMessage(), listener(endpoint)));
    }
  }

  /** Refuses when the kernel would not let us balance it, or another run does already. */
  void service(Endpoint service, @Nullable Path cover) {
    if (!support.balancing()) {
      return;
    }
    Path cgroup = cover == null ? CgroupLayout.detect().unified().orElseThrow() : cover;
    asked(
        () -> {
          Balancer.check(balance(policy), cgroup);
          return Optional.empty();
        });
    for (String other : others()) {
      Pins pins = balance(other);
      if (asked(() -> services(pins)).orElse(Set.of()).contains(inet(service))) {
        throw Refusal.now(
            asked(() -> isAlive(pins)).orElse(false)
                ? "the service address %s is balanced by the run of policy %s already"
                    .formatted(service, other)
                : "the service address %s is still balanced by what a killed run of policy %s left (%s): go on with it by --adopt, or end it by --cleanup"
                    .formatted(service, other, pins.folder()));
      }
    }
  }

  /** Whether the run that pinned here lives; empty where nothing is pinned. */
  private static Optional<Boolean> isAlive(Pins pins) {
    return read(pins, PinnedBalance::isAlive);
  }

  private static Optional<Set<InetSocketAddress>> services(Pins pins) {
    return read(pins, balance -> Set.copyOf(balance.services().values()));
  }

  private static <T> Optional<T> read(Pins pins, Function<PinnedBalance, T> question) {
    Optional<PinnedBalance> pinned = PinnedBalance.open(pins);
    if (pinned.isEmpty()) {
      return Optional.empty();
    }
    try (PinnedBalance balance = pinned.get()) {
      return Optional.of(question.apply(balance));
    }
  }

  private interface Question<T> {
    Optional<T> ask();
  }

  private static <T> Optional<T> asked(Question<T> question) {
    try {
      return question.ask();
    } catch (BpfException e) {
      throw Refusal.now(String.valueOf(e.getMessage()));
    }
  }

  private List<String> others() {
    try (Stream<Path> folders = Files.list(PINS)) {
      return folders
          .map(folder -> PINS.relativize(folder).toString())
          .filter(name -> !name.equals(policy))
          .toList();
    } catch (IOException e) {
      return List.of(); // nobody has pinned anything
    }
  }

  private static InetSocketAddress inet(Endpoint endpoint) {
    return new InetSocketAddress(endpoint.host(), endpoint.port());
  }

  /** Who has it, if that may be seen. */
  private static String listener(Endpoint endpoint) {
    return Listeners.holder(inet(endpoint)).map(who -> " (" + who + " listens there)").orElse("");
  }
}
