package dev.thaw.node;

import dev.thaw.bpf.os.Pidfd;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.time.Duration;
import java.util.Optional;

/**
 * Finds what a predecessor of this node started and left running: the very process of the register,
 * never another that got its pid. Blocking.
 */
final class ProcessAdopter {
  private static final Duration WAIT = Duration.ofSeconds(60);

  private final PodGroups groups;
  private final ProcessRegister register;
  private final String bootId;

  ProcessAdopter(PodGroups groups, ProcessRegister register, String bootId) {
    this.groups = groups;
    this.register = register;
    this.bootId = bootId;
  }

  /** What has become of a pod's process. */
  sealed interface Adoption {}

  /** It runs; {@code descriptor} holds it and is the taker's to close. */
  record Found(LocalProcess process, Pidfd descriptor) implements Adoption {

    /** Calls back, on a thread of its own, when the process has ended. */
    void whenEnded(Runnable callback) {
      var waiter =
          new Thread(
              () -> {
                try (descriptor) {
                  while (!descriptor.awaitExit(WAIT)) {
                    continue;
                  }
                }
                callback.run();
              },
              "thaw-adopted-" + process.pod().getPodName());
      waiter.setDaemon(true);
      waiter.start();
    }
  }

  /**
   * It died while nobody looked, or was never started: then its start has no id. The register has
   * forgotten it, and whoever was left in the pod's group is ended: its children, or a process
   * whose start nobody lived to write down.
   */
  record Gone(StartRef start) implements Adoption {}

  /** Looks for the process that the register names for this pod. */
  Adoption adopt(TrackPod pod) {
    Optional<ProcessRegister.Entry> entry =
        register.get(pod.getPodUid()).filter(known -> known.bootId().equals(bootId));
    Optional<Pidfd> descriptor =
        entry.flatMap(known -> Pidfd.open(known.pid(), known.startTicks()));
    if (entry.isEmpty() || descriptor.isEmpty()) {
      groups.of(pod.getPodName()).ifPresent(Sweep::through);
      register.remove(pod.getPodUid());
      return new Gone(
          StartRef.newBuilder()
              .setPodUid(pod.getPodUid())
              .setStartId(entry.map(ProcessRegister.Entry::startId).orElse(""))
              .build());
    }
    return new Found(
        new LocalProcess(pod, entry.get(), groups.of(pod.getPodName()), true), descriptor.get());
  }
}
