package dev.thaw.node.http;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one HTTP/2 connection still waits for: answers by their stream's number, PINGs by their
 * content. Nothing is forgotten without being told its end. Event loop only.
 */
final class Awaited {
  private static final int FEW = 4;

  private final IntObjectMap<Exchange> exchanges = new IntObjectHashMap<>(FEW);
  private final LongObjectMap<CompletableFuture<Void>> pings = new LongObjectHashMap<>(FEW);

  int streams() {
    return exchanges.size();
  }

  void add(int stream, Exchange exchange) {
    exchanges.put(stream, exchange);
  }

  @Nullable Exchange on(int stream) {
    return exchanges.get(stream);
  }

  /** The stream of this exchange, if it is still open; 0 is no request's. */
  int streamOf(Exchange exchange) {
    for (IntObjectMap.PrimitiveEntry<Exchange> entry : exchanges.entries()) {
      if (entry.value() == exchange) {
        return entry.key();
      }
    }
    return 0;
  }

  /** It has ended, or is given up; false: it had before. */
  boolean remove(int stream) {
    return exchanges.remove(stream) != null;
  }

  void fail(int stream, Failure failure) {
    Exchange exchange = exchanges.remove(stream);
    if (exchange != null) {
      exchange.failed(failure);
    }
  }

  /** Those that the server has not begun to work on. */
  void failAfter(int lastStream, Failure failure) {
    List.copyOf(exchanges.keySet()).stream()
        .filter(stream -> stream > lastStream)
        .forEach(stream -> fail(stream, failure));
  }

  void addPing(long content, CompletableFuture<Void> answered) {
    pings.put(content, answered);
  }

  void failPing(long content, Failure failure) {
    CompletableFuture<Void> answered = pings.remove(content);
    if (answered != null) {
      answered.completeExceptionally(failure);
    }
  }

  void answered(long ping) {
    CompletableFuture<Void> answered = pings.remove(ping);
    if (answered != null) {
      answered.complete(null);
    }
  }

  void failPings(Failure failure) {
    List<CompletableFuture<Void>> all = List.copyOf(pings.values());
    pings.clear();
    all.forEach(answered -> answered.completeExceptionally(failure));
  }

  void failAll(Failure failure) {
    failPings(failure);
    failAfter(0, failure);
  }
}
