package dev.thaw.app;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ctrl-C and SIGTERM: the first asks for an orderly end, the second Ctrl-C ends at once. The JVM's
 * own way, a shutdown hook, cannot tell a second signal; what can, {@code sun.misc.Signal}, is
 * reached by name because the compiler's warning about it cannot be answered.
 */
public final class Signals {
  private final AtomicInteger heard = new AtomicInteger();

  /**
   * Listens from now on.
   *
   * @param end called on the first signal
   * @param atOnce called on every further Ctrl-C
   */
  public Signals(Runnable end, Runnable atOnce) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : new String[] {"INT", "TERM", "HUP"}) {
        Object listener =
            Proxy.newProxyInstance(
                Signals.class.getClassLoader(),
                new Class<?>[] {handler},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("handle")) {
                    heard(name, end, atOnce);
                  }
                  return null;
                });
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a JVM without jdk.unsupported", e);
    }
  }

  private void heard(String name, Runnable end, Runnable atOnce) {
    if (heard.getAndIncrement() == 0) {
      end.run();
    } else if (name.equals("INT")) {
      atOnce.run();
    }
  }

  /** The end has begun for another reason: the next Ctrl-C is the second. */
  void ending() {
    heard.compareAndSet(0, 1);
  }
}
