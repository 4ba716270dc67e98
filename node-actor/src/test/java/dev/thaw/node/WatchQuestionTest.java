package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.GrpcCall;
import dev.thaw.node.http.GrpcObserver;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.node.http.Reply;
import dev.thaw.protocol.health.v1.HealthCheckResponse;
import dev.thaw.protocol.health.v1.HealthCheckResponse.ServingStatus;
import dev.thaw.protocol.v1.ProbeReport.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a stream of health says, and how often that is a reason to probe. */
class WatchQuestionTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger changes = new AtomicInteger();
  private final Streaming server = new Streaming();
  private final WatchQuestion watch =
      new WatchQuestion(
          new GrpcHealth("", Map.of()),
          (open, calm, limit) -> CompletableFuture.completedFuture(Answer.GOOD),
          timers,
          changes::incrementAndGet);

  @AfterEach
  void end() {
    timers.shutdownNow();
  }

  @Test
  void theFirstStateIsTheAnswerAndNoChange() {
    CompletableFuture<Answer> answer = watch.ask(server, false, LIMIT);
    server.says(ServingStatus.SERVING);

    assertThat(answer).isCompletedWithValue(Answer.GOOD);
    assertThat(changes).hasValue(0);
  }

  @Test
  void aStateThatIsSaidAgainIsNoChange() {
    watch.ask(server, false, LIMIT);
    server.says(ServingStatus.SERVING);
    server.says(ServingStatus.SERVING);
    server.says(ServingStatus.SERVING);

    assertThat(changes).hasValue(0);
  }

  @Test
  void aChangeIsToldOnceAndIsTheNextAnswer() {
    watch.ask(server, false, LIMIT);
    server.says(ServingStatus.SERVING);
    server.says(ServingStatus.NOT_SERVING);
    server.says(ServingStatus.NOT_SERVING);

    assertThat(changes).hasValue(1);
    assertThat(watch.ask(server, false, LIMIT).join().outcome()).isEqualTo(Outcome.NOT_SERVING);
  }

  /** A connection whose one call says what the test wants. */
  private static final class Streaming implements HttpConnection {
    private GrpcObserver observer;

    void says(ServingStatus status) {
      observer.message(HealthCheckResponse.newBuilder().setStatus(status).build().toByteArray());
    }

    @Override
    public GrpcCall call(
        String path, Map<String, String> headers, byte[] message, GrpcObserver hears) {
      observer = hears;
      return () -> {};
    }

    @Override
    public String protocol() {
      return "h2c";
    }

    @Override
    public CompletableFuture<Reply> ask(
        String method, String path, Map<String, String> headers, Duration limit, boolean kept) {
      throw new UnsupportedOperationException("a health service has no pages");
    }

    @Override
    public CompletableFuture<Void> ping(long content, Duration limit) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public boolean mayPing() {
      return true;
    }

    @Override
    public Failure late(Duration limit) {
      return new Failure(Failure.Kind.HUNG, "late");
    }

    @Override
    public boolean isUsable() {
      return true;
    }

    @Override
    public void close() {}
  }
}
