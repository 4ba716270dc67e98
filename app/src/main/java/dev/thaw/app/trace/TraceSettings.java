package dev.thaw.app.trace;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.thaw.app.CpuLimit;
import dev.thaw.app.trace.client.Speech;
import dev.thaw.app.trace.client.Wish;
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
 * @param wish how the server is spoken to, as far as that is known
 * @param path asked for by every request
 * @param host named to the server
 * @param cpu CPU limit; empty for none
 * @param memoryBytes memory limit; empty for none
 * @param deadline for the first answer, from exec
 * @param hertz stacks a second and processor; 0 for none
 * @param requests at most so many, even without a plateau
 * @param records when a Go program's own profiles are fetched, which disturbs it
 * @param out folder for the command's own output and what it records
 */
record TraceSettings(
    List<String> command,
    Map<String, String> environment,
    OptionalInt port,
    Wish wish,
    String path,
    String host,
    Optional<CpuLimit> cpu,
    OptionalLong memoryBytes,
    Duration deadline,
    int hertz,
    int requests,
    Records records,
    Path out) {

  /** When a Go program is asked for what it records of itself. */
  enum Records {
    @JsonProperty("never")
    NEVER,
    /** From the first 200 on: the start is seen, and slowed. */
    @JsonProperty("while it warms")
    WHILE_IT_WARMS,
    /** When all else has been measured: starts stay alike. */
    @JsonProperty("when it is warm")
    WHEN_WARM
  }

  /** The same around a command that does nothing. */
  TraceSettings rehearsal() {
    return new TraceSettings(
        List.of("/bin/true"),
        environment,
        port,
        wish,
        path,
        host,
        Optional.empty(),
        OptionalLong.empty(),
        deadline,
        hertz,
        requests,
        records,
        out);
  }

  TraceSettings within(Optional<CpuLimit> limit, OptionalLong memory) {
    return new TraceSettings(
        command,
        environment,
        port,
        wish,
        path,
        host,
        limit,
        memory,
        deadline,
        hertz,
        requests,
        records,
        out);
  }

  TraceSettings speaking(Speech speech) {
    return new TraceSettings(
        command,
        environment,
        port,
        Wish.of(speech),
        path,
        host,
        cpu,
        memoryBytes,
        deadline,
        hertz,
        requests,
        records,
        out);
  }
}
