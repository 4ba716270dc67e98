package dev.thaw.node;

import dev.thaw.node.http.Failure;
import dev.thaw.node.http.Wire;
import dev.thaw.protocol.v1.ProbePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which ways of speaking to a pod are left to try, and which one has worked. Pure: what fails moves
 * on to the next, what works stays until it fails twice.
 *
 * @param ways those the plan allows, in the order in which they are tried
 * @param at index of the present one
 * @param proven it has worked, and has not failed since
 */
record Dialect(List<Wire> ways, int at, boolean proven) {

  /**
   * HTTP/2 first; then HTTP/1.1, which most speak; then TLS, unless the plan or the pod says TLS
   * before. What the plan says of the port's protocol comes before all of them.
   */
  static Dialect of(ProbePlan plan) {
    boolean http2Only =
        plan.getProtocol() == ProbePlan.Protocol.HTTP2
            || plan.getKind() == ProbePlan.Kind.GRPC
            || plan.getKind() == ProbePlan.Kind.HTTP2_PING;
    var ways = new ArrayList<Wire>();
    if (plan.getTls() != ProbePlan.Tls.TLS_ON) {
      if (plan.getProtocol() != ProbePlan.Protocol.HTTP1) {
        ways.add(Wire.H2C);
      }
      if (!http2Only) {
        ways.add(Wire.HTTP1);
      }
    }
    if (plan.getTls() != ProbePlan.Tls.TLS_OFF) {
      ways.add(Wire.TLS);
    }
    hint(plan).filter(ways::remove).ifPresent(hinted -> ways.add(0, hinted));
    return new Dialect(List.copyOf(ways), 0, false);
  }

  private static Optional<Wire> hint(ProbePlan plan) {
    return switch (plan.getAppProtocol()) {
      case H2C -> Optional.of(Wire.H2C);
      case HTTP -> Optional.of(Wire.HTTP1);
      case HTTPS -> Optional.of(Wire.TLS);
      default -> Optional.empty();
    };
  }

  Wire way() {
    return ways.get(at);
  }

  Dialect worked() {
    return new Dialect(ways, at, true);
  }

  /**
   * Whether another way is worth trying at once: this one was found wrong, and there are others.
   */
  boolean shouldMoveOn(Failure failure) {
    return ways.size() > 1
        && !proven
        && switch (failure.kind()) {
          case WRONG_PROTOCOL, PROTOCOL_ERROR, SETTINGS, RESET, NO_TLS, TLS_FAILED, TLS_NO_ALPN ->
              true;
          default -> false;
        };
  }

  /** The next way; after a pod that said it speaks TLS, that. */
  Dialect next(Failure failure) {
    int tls = ways.indexOf(Wire.TLS);
    boolean saidTls = tls >= 0 && way() != Wire.TLS && failure.getMessage().endsWith("speaks TLS");
    return new Dialect(ways, saidTls ? tls : (at + 1) % ways.size(), false);
  }

  /**
   * TLS, where a plain request was answered with this status and nothing is proven yet: servers
   * such as Go's answer 400 in plain text on a port that speaks TLS.
   */
  Optional<Dialect> unlessTls(int status) {
    int tls = ways.indexOf(Wire.TLS);
    return !proven && status == 400 && tls >= 0 && way() != Wire.TLS
        ? Optional.of(new Dialect(ways, tls, false))
        : Optional.empty();
  }

  /** What worked has failed: it may be another program by now. */
  Dialect doubted() {
    return new Dialect(ways, at, false);
  }
}
