package dev.thaw.protocol;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.ToNode;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node link within one process. Messages cross as bytes, so that the two ends share nothing but
 * what the protocol can say, exactly as they would over a network.
 */
public final class InProcessLink {

  private InProcessLink() {}

  /** Both ends of one link. */
  public record Pair(
      NodeLink<ToNode, FromNode> coordinatorEnd, NodeLink<FromNode, ToNode> nodeEnd) {}

  /** Makes a connected pair. */
  public static Pair pair() {
    var toNode = new Lane<>(ToNode.parser());
    var fromNode = new Lane<>(FromNode.parser());
    return new Pair(new End<>(toNode, fromNode), new End<>(fromNode, toNode));
  }

  private record End<Out extends Message, In extends Message>(Lane<Out> out, Lane<In> in)
      implements NodeLink<Out, In> {
    @Override
    public void send(Out message) {
      out.carry(message);
    }

    @Override
    public void listen(Consumer<In> listener) {
      in.listen(listener);
    }

    @Override
    public void close() {
      out.close();
      in.close();
    }
  }

  /** One direction; keeps messages until somebody listens. */
  private static final class Lane<T extends Message> {
    private final Parser<T> parser;
    private final Queue<T> waiting = new ArrayDeque<>();
    private @Nullable Consumer<T> listener;
    private boolean closed;

    Lane(Parser<T> parser) {
      this.parser = parser;
    }

    synchronized void carry(T message) {
      if (closed) {
        return;
      }
      T copy = parse(message.toByteArray());
      if (listener == null) {
        waiting.add(copy);
      } else {
        listener.accept(copy);
      }
    }

    synchronized void listen(Consumer<T> newListener) {
      listener = newListener;
      while (!waiting.isEmpty()) {
        newListener.accept(waiting.remove());
      }
    }

    synchronized void close() {
      closed = true;
      waiting.clear();
      listener = null;
    }

    private T parse(byte[] bytes) {
      try {
        return parser.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("a message did not survive its own encoding", e);
      }
    }
  }
}
