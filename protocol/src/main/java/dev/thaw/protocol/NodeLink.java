package dev.thaw.protocol;

import java.util.function.Consumer;

/**
 * One end of the conversation between a coordinator and one node: ordered, at most once, never
 * blocking.
 *
 * @param <Out> what this end says
 * @param <In> what this end hears
 */
public interface NodeLink<Out, In> extends AutoCloseable {

  /** Sends one message; dropped when the other end is closed. Any thread. */
  void send(Out message);

  /**
   * Names who hears this end's messages; those that came earlier are handed over first, in order.
   *
   * @param listener called on the sender's thread; must only hand the message on
   */
  void listen(Consumer<In> listener);

  /** Closes both directions; idempotent. */
  @Override
  void close();
}
