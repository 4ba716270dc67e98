package dev.thaw.node;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.thaw.node.http.Failure;
import dev.thaw.node.http.GrpcCall;
import dev.thaw.node.http.GrpcObserver;
import dev.thaw.node.http.HttpConnection;
import dev.thaw.protocol.health.v1.HealthCheckRequest;
import dev.thaw.protocol.health.v1.HealthCheckResponse;
import dev.thaw.protocol.v1.ProbeReport;
import java.util.Map;
import java.util.function.Consumer;

/**
 * gRPC's standard health service, asked over a connection of ours.
 *
 * @param service empty: the server as a whole
 */
record GrpcHealth(String service, Map<String, String> headers) {
  private static final String CHECK = "/grpc.health.v1.Health/Check";
  private static final String WATCH = "/grpc.health.v1.Health/Watch";

  /** Asks once; {@code answered} or {@code failed} hears it, on the event loop. */
  GrpcCall check(HttpConnection open, Consumer<Answer> answered, Consumer<Failure> failed) {
    return open.call(CHECK, headers, request(), new Observer(answered, failed));
  }

  /** Hears the present state and every change until it is cancelled or fails. */
  GrpcCall watch(HttpConnection open, Consumer<Answer> answered, Consumer<Failure> failed) {
    return open.call(WATCH, headers, request(), new Observer(answered, failed));
  }

  private byte[] request() {
    return HealthCheckRequest.newBuilder().setService(service).build().toByteArray();
  }

  private final class Observer implements GrpcObserver {
    private final Consumer<Answer> answered;
    private final Consumer<Failure> failed;

    Observer(Consumer<Answer> answered, Consumer<Failure> failed) {
      this.answered = answered;
      this.failed = failed;
    }

    @Override
    public void message(byte[] bytes) {
      try {
        answered.accept(answer(HealthCheckResponse.parseFrom(bytes)));
      } catch (InvalidProtocolBufferException e) {
        failed.accept(
            new Failure(
                Failure.Kind.PROTOCOL_ERROR,
                "it sent a message that is no HealthCheckResponse: " + e.getMessage()));
      }
    }

    @Override
    public void completed() {
      failed.accept(new Failure(Failure.Kind.STREAM_RESET, "it ended the stream of its health"));
    }

    @Override
    public void failed(Failure failure) {
      failed.accept(failure);
    }
  }

  private Answer answer(HealthCheckResponse response) {
    return response.getStatus() == HealthCheckResponse.ServingStatus.SERVING
        ? Answer.GOOD
        : new Answer(
            ProbeReport.Outcome.NOT_SERVING,
            "its health %s is %s"
                .formatted(
                    service.isEmpty() ? "as a whole" : "of " + service, response.getStatus()),
            0);
  }
}
