package dev.thaw.node;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.ContainerCgroup;
import dev.thaw.bpf.os.LibC;
import dev.thaw.bpf.os.Listeners;
import dev.thaw.bpf.os.Pidfd;
import dev.thaw.protocol.v1.Container;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TrackPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One process of this node that runs, or ran until a moment ago. Any thread; what asks the
 * operating system blocks for as long as that takes.
 *
 * @param cgroup its own; empty where we may not make any
 * @param adopted whether a predecessor of this node started it
 */
record LocalProcess(
    TrackPod pod, ProcessRegister.Entry entry, Optional<Cgroup> cgroup, boolean adopted) {
  String podUid() {
    return entry.podUid();
  }

  StartRef start() {
    return StartRef.newBuilder().setPodUid(entry.podUid()).setStartId(entry.startId()).build();
  }

  ProcessIndex.Group group() {
    return ProcessIndex.Group.of(cgroup);
  }

  /** In the protocol's words; without a group a file is read. */
  ProcessStarted.Builder describe() {
    var said =
        ProcessStarted.newBuilder()
            .setStart(start())
            .setPid(entry.pid())
            .setExecNanos(entry.execNanos())
            .setAdopted(adopted);
    container()
        .ifPresent(
            in ->
                said.setContainer(
                    Container.newBuilder()
                        .setId(in.id())
                        .setRuntime(in.runtime())
                        .setPodUid(in.podUid())));
    return said;
  }

  private Optional<ContainerCgroup> container() {
    return cgroup.isPresent() ? cgroup.get().container() : ContainerCgroup.of(entry.pid());
  }

  /** Its group's processes; without a group itself. */
  List<Integer> pids() {
    List<Integer> all = cgroup.map(Cgroup::pids).orElse(List.of());
    return all.isEmpty() ? List.of(entry.pid()) : all;
  }

  /** Where its group's processes listen now. */
  Set<InetSocketAddress> listeners() {
    var found = new HashSet<InetSocketAddress>();
    pids().forEach(pid -> Listeners.of(pid).forEach(listener -> found.add(listener.address())));
    return found;
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
}
