package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.Pidfd;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One process of this node that runs, or ran until a moment ago. Any thread; what asks the
 * operating system blocks for as long as that takes.
 *
 * @param cgroup its own; empty where we may not make any
 * @param adopted whether a predecessor of this node started it
 */
record LocalProcess(
    TrackPod pod, ProcessRegister.Entry entry, Optional<Cgroup> cgroup, boolean adopted) {
  static final int SIGTERM = 15;
  static final int SIGKILL = 9;

  String podUid() {
    return entry.podUid();
  }

  StartRef start() {
    return StartRef.newBuilder().setPodUid(entry.podUid()).setStartId(entry.startId()).build();
  }

  /** The id kernel events carry for its group; 0 without one. */
  long unifiedId() {
    return cgroup.map(Cgroup::unifiedId).orElse(0L);
  }

  /** As {@link #unifiedId}, in the v1 cpu hierarchy. */
  long v1Id() {
    return cgroup.map(Cgroup::v1Id).orElse(0L);
  }

  /** Its group's processes; without a group itself. */
  List<Integer> pids() {
    List<Integer> all = cgroup.map(Cgroup::pids).orElse(List.of());
    return all.isEmpty() ? List.of(entry.pid()) : all;
  }

  /** What it runs; empty when it is gone. */
  Optional<Path> image() {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/" + entry.pid() + "/exe")));
    } catch (IOException e) {
      return Optional.empty(); // it is gone, which its pidfd tells
    }
  }

  /** Sends a signal to the whole group; without one, to the process by descriptor. */
  void signal(int signal) {
    List<Integer> pids = cgroup.map(Cgroup::pids).orElse(List.of());
    pids.forEach(pid -> LibC.kill(pid, signal));
    if (pids.isEmpty()) {
      Pidfd.open(entry.pid(), entry.startTicks())
          .ifPresent(
              descriptor -> {
                descriptor.signal(signal);
                descriptor.close();
              });
    }
  }

  /** Ends what it has left running in its group. */
  void sweep() {
    cgroup.map(Cgroup::pids).orElse(List.of()).forEach(pid -> LibC.kill(pid, SIGKILL));
  }
}
