package dev.thaw.app.trace;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What to trace and how.
 *
 * @param command its program with an absolute path
 * @param port that counts as listening; empty: the first
 * @param tls empty: found out by the first answer
 * @param path asked for by every request
 * @param host named to the server
 * @param millicores CPU limit; empty for none
 * @param memoryBytes memory limit; empty for none
 * @param deadline for the first answer, from exec
 * @param hertz stacks a second and processor; 0 for none
 * @param requests at most so many, even without a plateau
 * @param records whether a Go program's own profiles are fetched, which disturbs it
 * @param out folder for the command's own output and what it records
 */
record TraceSettings(
    List<String> command,
    Map<String, String> environment,
    OptionalInt port,
    Optional<Boolean> tls,
    String path,
    String host,
    OptionalInt millicores,
    OptionalLong memoryBytes,
    Duration deadline,
    int hertz,
    int requests,
    boolean records,
    Path out) {

  /** The same around a command that does nothing. */
  TraceSettings rehearsal() {
    return new TraceSettings(
        List.of("/bin/true"),
        environment,
        port,
        tls,
        path,
        host,
        OptionalInt.empty(),
        OptionalLong.empty(),
        deadline,
        hertz,
        requests,
        records,
        out);
  }

  TraceSettings within(OptionalInt cpu, OptionalLong memory) {
    return new TraceSettings(
        command,
        environment,
        port,
        tls,
        path,
        host,
        cpu,
        memory,
        deadline,
        hertz,
        requests,
        records,
        out);
  }

  TraceSettings speaking(boolean secured) {
    return new TraceSettings(
        command,
        environment,
        port,
        Optional.of(secured),
        path,
        host,
        millicores,
        memoryBytes,
        deadline,
        hertz,
        requests,
        records,
        out);
  }
}
