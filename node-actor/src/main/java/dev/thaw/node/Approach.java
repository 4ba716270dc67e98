package dev.thaw.node;

import dev.thaw.node.http.Failure;
import java.util.List;
import java.util.Optional;

/**
 * How a pod is spoken to at present, and what follows from how a try ended. Pure.
 *
 * @param routes those there are
 * @param route index of the present one
 * @param calm the server has asked for fewer PINGs: it gets none
 * @param suspicion a plain answer that a TLS server gives to who does not speak TLS, until TLS was
 *     tried
 */
record Approach(
    Dialect dialect, List<Route> routes, int route, boolean calm, Optional<Suspicion> suspicion) {

  static Approach of(Dialect dialect, List<Route> routes) {
    return new Approach(dialect, routes, 0, false, Optional.empty());
  }

  /** What was spoken, and the answer, when TLS came under suspicion. */
  record Suspicion(Dialect plain, Answer answer, String protocol) {}

  /** What comes next: another try at once, one after a pause, or the probe's end. */
  sealed interface Step {}

  /** Another try, over a new connection. */
  record Again(Approach approach) implements Step {}

  /** Another try in a moment: nobody listens yet, though the kernel has said so. */
  record AgainSoon(Approach approach) implements Step {}

  /** The try has ended so; {@code reconnect}: its connection is of no more use. */
  record Over(Approach approach, Answer answer, String protocol, boolean reconnect)
      implements Step {}

  /**
   * A try's circumstances.
   *
   * @param reused the connection had answered before
   * @param justListening LISTEN came a moment ago
   * @param timeLeft there is time for another way
   * @param triesLeft ways and routes not yet tried in this probe, this one included
   */
  record Try(boolean reused, boolean justListening, boolean timeLeft, int triesLeft) {
    boolean mayGoOn() {
      return timeLeft && triesLeft > 1;
    }
  }

  Route way() {
    return routes.get(route);
  }

  /** Tries that one probe needs at most. */
  int tries() {
    return dialect.ways().size() + routes.size();
  }

  Step answered(Answer answer, String protocol, Try was) {
    Optional<Dialect> tls = dialect.unlessTls(answer.httpStatus());
    if (tls.isPresent() && was.mayGoOn()) {
      return new Again(
          with(tls.get()).suspecting(Optional.of(new Suspicion(dialect, answer, protocol))));
    }
    return new Over( // without time left, the next probe tries TLS
        with(tls.orElseGet(dialect::worked)).suspecting(Optional.empty()),
        answer,
        protocol,
        tls.isPresent());
  }

  Step failed(Failure failure, Try was) {
    if (suspicion.isPresent()) {
      return unfounded(failure, suspicion.get());
    } else if (failure.kind() == Failure.Kind.CALM) {
      Approach calmer = new Approach(dialect, routes, route, true, suspicion);
      return was.mayGoOn() ? new Again(calmer) : new Over(calmer, Answer.of(failure), "", true);
    } else if (was.reused() && was.mayGoOn() && endedBetween(failure)) {
      return new Again(this);
    } else if (failure.kind() == Failure.Kind.REFUSED && was.justListening()) {
      return new AgainSoon(this);
    } else if (was.mayGoOn() && mayHelp(failure)) {
      return new Again(at(route + 1));
    } else if (was.mayGoOn() && dialect.shouldMoveOn(failure)) {
      return new Again(with(dialect.next(failure)));
    }
    // silence in a dialect that is not proven proves nothing: the next probe tries another
    Dialect next =
        !failure.endsConnection()
            ? dialect.worked()
            : dialect.proven() ? dialect.doubted() : dialect.next(failure);
    Approach first = unreached(failure) ? at(0) : this;
    return new Over(first.with(next), Answer.of(failure), "", failure.endsConnection());
  }

  /** No TLS either: the plain answer was meant, unless TLS only took too long. */
  private Step unfounded(Failure failure, Suspicion suspected) {
    Dialect next = failure.isLate() ? dialect : suspected.plain();
    return new Over(
        with(next).suspecting(Optional.empty()), suspected.answer(), suspected.protocol(), true);
  }

  /** A server may end an idle connection while a request is on its way; that is no verdict. */
  private static boolean endedBetween(Failure failure) {
    return failure.kind() == Failure.Kind.RESET || failure.kind() == Failure.Kind.GOAWAY;
  }

  private static boolean unreached(Failure failure) {
    return failure.kind() == Failure.Kind.REFUSED || failure.kind() == Failure.Kind.UNREACHABLE;
  }

  /**
   * Whether the next route may reach who cannot be reached by this. Who refuses us inside the pod
   * does not listen there: from outside a mesh's proxy would take the connection all the same.
   */
  private boolean mayHelp(Failure failure) {
    return unreached(failure)
        && route + 1 < routes.size()
        && (failure.kind() != Failure.Kind.REFUSED
            || !way().inside()
            || routes.get(route + 1).inside());
  }

  private Approach with(Dialect next) {
    return new Approach(next, routes, route, calm, suspicion);
  }

  private Approach at(int next) {
    return new Approach(dialect, routes, next, calm, suspicion);
  }

  private Approach suspecting(Optional<Suspicion> next) {
    return new Approach(dialect, routes, route, calm, next);
  }
}
