package dev.thaw.node;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * How a part of the node goes on after a failure. None ends silently: what it failed of is told
 * each time, before it goes on.
 */
final class Supervised {
  /** Orders wait meanwhile: the latest is well within the patience of those who gave them. */
  private static final SupervisorStrategy ANEW =
      SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(3), 0)
          .withResetBackoffAfter(Duration.ofMinutes(1));

  private Supervised() {}

  /**
   * A part that owns something which may have broken: it lets go of that and begins anew, later
   * each time.
   *
   * @param trouble told why, on the part's own thread; must only hand on
   */
  static <T> Behavior<T> renewed(Class<T> orders, Behavior<T> part, Consumer<String> trouble) {
    return anew(part, new Telling<>(orders, trouble, false));
  }

  /**
   * A part that knows what no other knows: it goes on with its next order. One that cannot even
   * begin tries anew.
   *
   * @param trouble as for {@link #renewed}
   */
  static <T> Behavior<T> resumed(Class<T> orders, Behavior<T> part, Consumer<String> trouble) {
    return anew(part, new Telling<>(orders, trouble, true));
  }

  private static <T> Behavior<T> anew(Behavior<T> part, Telling<T> telling) {
    return Behaviors.supervise(Behaviors.intercept(() -> telling, part))
        .onFailure(RuntimeException.class, ANEW);
  }

  /** Says what was thrown, then throws it on, or leaves that order and goes on. */
  private static final class Telling<T> extends BehaviorInterceptor<T, T> {
    private final Consumer<String> trouble;
    private final boolean goesOn;

    Telling(Class<T> orders, Consumer<String> trouble, boolean goesOn) {
      super(orders);
      this.trouble = trouble;
      this.goesOn = goesOn;
    }

    @Override
    public Behavior<T> aroundStart(TypedActorContext<T> context, PreStartTarget<T> target) {
      try {
        return target.start(context);
      } catch (RuntimeException e) {
        trouble.accept(Causes.sentence(e));
        throw e;
      }
    }

    @Override
    public Behavior<T> aroundReceive(
        TypedActorContext<T> context, T order, ReceiveTarget<T> target) {
      try {
        return target.apply(context, order);
      } catch (RuntimeException e) {
        trouble.accept(Causes.sentence(e));
        if (!goesOn) {
          throw e;
        }
        context
            .asJava()
            .getLog()
            .error("an order has failed order={}", order.getClass().getName(), e);
        return Behaviors.same();
      }
    }
  }
}
