package dev.thaw.app.trace;

import dev.thaw.app.trace.Start.FirstConnection;
import dev.thaw.app.trace.Start.TlsFacts;
import dev.thaw.app.trace.client.Answer;
import dev.thaw.app.trace.client.Link;
import dev.thaw.app.trace.client.Speech;
import dev.thaw.app.trace.client.Wish.Refusal;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The first connection to a new server, and how it wants to be spoken to. Blocks its thread; is
 * used once.
 */
final class FirstContact {
  /** A listener is told before it takes connections. */
  private static final int CONNECT_EVERY_MILLIS = 1;

  private static final int TLS_ALERT = 0x15;

  private final TraceSettings settings;
  private final StartBuilder builder;
  private final InetSocketAddress address;
  private final long deadline;

  /** An open connection on which one request has been answered. */
  record Made(Link link, long asked, Answer answer) {}

  /**
   * @param deadline of {@link System#nanoTime}
   */
  FirstContact(
      TraceSettings settings, StartBuilder builder, InetSocketAddress address, long deadline) {
    this.settings = settings;
    this.builder = builder;
    this.address = address;
    this.deadline = deadline;
  }

  /** Tries one way of speaking after the other. */
  Made make() throws IOException, InterruptedException {
    Speech speech = settings.wish().first();
    boolean found = false;
    while (true) {
      Refusal refusal;
      IOException why;
      try {
        Link link = connect(speech);
        try {
          long asked = System.nanoTime();
          Answer answer = link.ask(settings.host(), settings.path());
          refusal = wants(link.speech(), answer);
          if (refusal == Refusal.OTHER) {
            if (found) {
              builder.foundOut(link.speech().words());
            }
            builder.first(told(link, asked, answer));
            return new Made(link, asked, answer);
          }
          why = new IOException("it wants TLS");
          link.close();
        } catch (IOException e) {
          link.close();
          throw e;
        }
      } catch (SocketTimeoutException e) {
        throw new IOException(
            "%s took the connection and gave no whole answer within %d s"
                .formatted(Words.address(address), settings.deadline().toSeconds()),
            e);
      } catch (Answer.NotHttp e) {
        refusal = refusal(e.firstByte());
        why = e;
      } catch (Link.NoTls e) {
        refusal = Refusal.NO_TLS;
        why = e;
      } catch (SocketException e) {
        refusal = Refusal.CLOSED;
        why = e;
      }
      Optional<Speech> next = settings.wish().next(speech, refusal);
      if (next.isEmpty()) {
        throw why;
      }
      speech = next.get();
      found = true;
    }
  }

  private static Refusal refusal(int firstByte) {
    return firstByte == TLS_ALERT
        ? Refusal.WANTS_TLS
        : firstByte == 0 ? Refusal.WANTS_HTTP2 : firstByte < 0 ? Refusal.CLOSED : Refusal.OTHER;
  }

  /** Servers answer plain words with a 400 that says what they want. */
  private Refusal wants(Speech speech, Answer answer) {
    return !speech.tls()
            && settings.wish().tls().isEmpty()
            && answer.status() == 400
            && new String(answer.body(), StandardCharsets.ISO_8859_1).contains("HTTPS")
        ? Refusal.WANTS_TLS
        : Refusal.OTHER;
  }

  private Link connect(Speech speech) throws IOException, InterruptedException {
    while (true) {
      try {
        return Link.open(address, speech, settings.wish().protocols(), settings.host(), deadline);
      } catch (ConnectException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(CONNECT_EVERY_MILLIS);
      }
    }
  }

  private FirstConnection told(Link link, long asked, Answer answer) {
    Link.Opening opening = link.opening();
    return new FirstConnection(
        builder.clock(opening.beganNanos()),
        opening.tcp(),
        opening.serverHello(),
        opening.tls(),
        answer.firstByteNanos() - asked,
        answer.lastByteNanos() - answer.firstByteNanos(),
        answer.status(),
        link.speech(),
        opening
            .agreed()
            .map(
                agreed ->
                    new TlsFacts(
                        agreed.protocol(), agreed.cipher(), agreed.key(), agreed.curve())));
  }
}
