package dev.thaw.coordinator.node;

import dev.thaw.config.WarmupPolicy;
import dev.thaw.protocol.v1.PoolPlan;
import dev.thaw.protocol.v1.ProbePlan;
import dev.thaw.protocol.v1.WarmupPlan;
import java.time.Duration;

/** What a policy's probe and warm-up are in a node's words. Pure. */
final class ProbeOrders {

  private ProbeOrders() {}

  static ProbePlan probe(WarmupPolicy.Probe probe) {
    WarmupPolicy.Question question = probe.question();
    WarmupPolicy.Patience patience = probe.patience();
    var plan =
        ProbePlan.newBuilder()
            .setKind(kind(probe.kind()))
            .setPath(question.path())
            .setIdentityHeader(question.identityHeader())
            .setGrpcService(question.service())
            .setGrpcWatch(question.watch())
            .setPort(probe.port().orElse(0))
            .setAuthority(probe.authority().orElse(""))
            .setTimeoutNanos(probe.timeout().toNanos())
            .setConfirmingIntervalNanos(probe.interval().toNanos())
            .setClimbingIntervalNanos(patience.warmingInterval().toNanos())
            .setReadyIntervalNanos(probe.readyInterval().toNanos())
            .setSuccessThreshold(probe.successThreshold())
            .setFailureThreshold(probe.failureThreshold())
            .setInitialDelayNanos(patience.initialDelay().toNanos())
            .setWarmingRetries(patience.warmingRetries())
            .setReadyRetries(patience.readyRetries())
            .setReadyTimeoutNanos(patience.readyTimeout().map(Duration::toNanos).orElse(0L));
    patience.backoff().forEach(wait -> plan.addBackoffNanos(wait.toNanos()));
    question
        .headers()
        .forEach(
            header ->
                plan.addHeaders(
                    ProbePlan.Header.newBuilder().setName(header.name()).setValue(header.value())));
    speech(plan, probe);
    return plan.build();
  }

  private static ProbePlan.Kind kind(WarmupPolicy.ProbeKind kind) {
    return switch (kind) {
      case HTTP_GET -> ProbePlan.Kind.HTTP_GET;
      case TCP_CONNECT -> ProbePlan.Kind.TCP_CONNECT;
      case HTTP2_PING -> ProbePlan.Kind.HTTP2_PING;
      case GRPC -> ProbePlan.Kind.GRPC;
    };
  }

  private static void speech(ProbePlan.Builder plan, WarmupPolicy.Probe probe) {
    plan.setProtocol(
        switch (probe.protocol()) {
          case AUTO -> ProbePlan.Protocol.AUTO;
          case HTTP2 -> ProbePlan.Protocol.HTTP2;
          case HTTP1 -> ProbePlan.Protocol.HTTP1;
        });
    plan.setAppProtocol(
        probe.appProtocol().map(ProbeOrders::hint).orElse(ProbePlan.AppProtocol.ANY));
    plan.setTls(
        switch (probe.tls().use()) {
          case AUTO -> ProbePlan.Tls.TLS_AUTO;
          case TRUE -> ProbePlan.Tls.TLS_ON;
          case FALSE -> ProbePlan.Tls.TLS_OFF;
        });
    plan.setCaFile(probe.tls().ca().orElse(""));
    plan.setServerName(probe.tls().serverName().orElse(""));
    probe
        .tls()
        .client()
        .ifPresent(
            client -> plan.setClientCertFile(client.certificate()).setClientKeyFile(client.key()));
  }

  private static ProbePlan.AppProtocol hint(WarmupPolicy.AppProtocol said) {
    return switch (said) {
      case H2C, GRPC -> ProbePlan.AppProtocol.H2C;
      case HTTP -> ProbePlan.AppProtocol.HTTP;
      case HTTPS -> ProbePlan.AppProtocol.HTTPS;
    };
  }

  static WarmupPlan warmup(WarmupPolicy.Warmup warmup) {
    var plan =
        WarmupPlan.newBuilder()
            .setCount(warmup.count())
            .setConnections(warmup.connections())
            .setPerSecond(warmup.perSecond().orElse(0.0))
            .setTimeLimitNanos(warmup.timeLimit().toNanos());
    warmup
        .plateau()
        .ifPresent(
            plateau ->
                plan.setPlateau(
                    WarmupPlan.Plateau.newBuilder()
                        .setWindow(plateau.window())
                        .setTolerance(plateau.tolerance())));
    warmup.pool().ifPresent(pool -> plan.setPool(pool(pool)));
    warmup
        .requests()
        .forEach(
            request ->
                plan.addRequests(
                    WarmupPlan.Request.newBuilder()
                        .setPath(request.path())
                        .setMethod(request.method())
                        .addAllExpect(request.expect())));
    return plan.build();
  }

  private static PoolPlan pool(WarmupPolicy.Pool pool) {
    return PoolPlan.newBuilder()
        .setConnections(pool.connections())
        .setInRow(pool.inRow())
        .setWarmBelowNanos(pool.warmBelow().toNanos())
        .setWarming(pace(pool.warming()))
        .setReady(pace(pool.ready()))
        .build();
  }

  private static PoolPlan.Pace pace(WarmupPolicy.PoolPace pace) {
    return PoolPlan.Pace.newBuilder()
        .setIntervalNanos(pace.interval().toNanos())
        .setTimeoutNanos(pace.timeout().toNanos())
        .setRetries(pace.retries())
        .build();
  }
}
