package dev.thaw.coordinator.local;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What processes a run consists of.
 *
 * @param command with {@code {addr}} and {@code {port}} to be filled in
 * @param replicas how many to begin with; ignored when there is something to adopt
 * @param environment added to every replica's
 * @param workingDirectory of every replica
 * @param logFolder where their output goes, one file per pod
 * @param cpuLimitMillicores of each; 0: none
 * @param runId makes uids of this run its own
 * @param firstIndex the next pod's number: a name is never used twice within a run
 * @param adopted what a killed run left; empty for a new run
 * @param record where the run's pods are written before they are used
 */
public record LocalRun(
    List<String> command,
    int replicas,
    RestartMode restart,
    Map<String, String> environment,
    Path workingDirectory,
    Path logFolder,
    int cpuLimitMillicores,
    String runId,
    int firstIndex,
    List<Adopted> adopted,
    Record record) {

  public LocalRun {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    adopted = List.copyOf(adopted);
  }

  /** A replica that a killed run left. */
  public record Adopted(PodUid uid, PodName name, Endpoint endpoint) {}

  /** Remembers a run's pods beyond a crash. */
  @FunctionalInterface
  public interface Record {
    /**
     * Returns once it is on disk. {@code nextIndex}: the number of the pod after these.
     *
     * @throws java.io.UncheckedIOException when it cannot be; what was recorded before stays
     */
    void remember(int nextIndex, List<Adopted> pods);
  }
}
