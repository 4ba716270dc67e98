package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.protocol.v1.StartProcess;
import dev.thaw.protocol.v1.ToNode;

/** What a node is told to start for a replica: the run's command with its own address. Pure. */
final class StartOrder {
  private StartOrder() {}

  static ToNode.Builder of(LocalRun run, PodUid uid, PodName name, Endpoint endpoint) {
    String host = endpoint.host();
    String port = Integer.toString(endpoint.port());
    return ToNode.newBuilder()
        .setStartProcess(
            StartProcess.newBuilder()
                .setPodUid(uid.value())
                .addAllCommand(
                    run.command().stream()
                        .map(word -> word.replace("{addr}", host).replace("{port}", port))
                        .toList())
                .putAllEnvironment(run.environment())
                .putEnvironment("THAW_ADDR", host)
                .putEnvironment("HOST", host)
                .putEnvironment("PORT", port)
                .setWorkingDirectory(run.workingDirectory().toString())
                .setLogFile(run.logFolder().resolve(name + ".log").toString())
                .setCpuLimitMillicores(run.cpuLimitMillicores()));
  }
}
