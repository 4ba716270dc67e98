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
import java.util.function.BooleanSupplier;

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
  private final BooleanSupplier over;

  /** An open connection on which one request has been answered. */
  record Made(Link link, long asked, Answer answer) {}

  /**
   * @param deadline of {@link System#nanoTime}
   * @param over whether the command has ended: nobody will take connections any more
   */
  FirstContact(
      TraceSettings settings,
      StartBuilder builder,
      InetSocketAddress address,
      long deadline,
      BooleanSupplier over) {
    this.settings = settings;
    this.builder = builder;
    this.address = address;
    this.deadline = deadline;
    this.over = over;
  }

  /** The server wants to be spoken to in another way. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final Refusal how;
    private final IOException why;

    Refused(Refusal how, IOException why) {
      super(why);
      this.how = how;
      this.why = why;
    }
  }

  /** Tries one way of speaking after the other. */
  Made make() throws IOException, InterruptedException {
    Speech speech = settings.wish().first();
    for (boolean found = false; ; found = true) {
      try {
        Made made = attempt(speech);
        if (found) {
          builder.foundOut(made.link().speech().words());
        }
        builder.first(told(made));
        return made;
      } catch (Refused e) {
        speech = settings.wish().next(speech, e.how).orElseThrow(() -> e.why);
      }
    }
  }

  private Made attempt(Speech speech) throws IOException, InterruptedException, Refused {
    try {
      Link link = connect(speech);
      try {
        long asked = System.nanoTime();
        Answer answer = link.ask(settings.host(), settings.path());
        if (wantsTls(link.speech(), answer)) {
          throw new Refused(Refusal.WANTS_TLS, new IOException("it wants TLS"));
        }
        return new Made(link, asked, answer);
      } catch (IOException | Refused e) {
        link.close();
        throw e;
      }
    } catch (SocketTimeoutException e) {
      throw new IOException(
          "%s took the connection and gave no whole answer within %d s"
              .formatted(Words.address(address), settings.deadline().toSeconds()),
          e);
    } catch (Answer.NotHttp e) {
      throw new Refused(refusal(e.firstByte()), e);
    } catch (Link.NoTls e) {
      throw new Refused(Refusal.NO_TLS, e);
    } catch (SocketException e) {
      throw new Refused(Refusal.CLOSED, e);
    }
  }

  private static Refusal refusal(int firstByte) {
    return firstByte == TLS_ALERT
        ? Refusal.WANTS_TLS
        : firstByte == 0 ? Refusal.WANTS_HTTP2 : firstByte < 0 ? Refusal.CLOSED : Refusal.OTHER;
  }

  /** Servers answer plain words with a 400 that says what they want. */
  private boolean wantsTls(Speech speech, Answer answer) {
    return !speech.tls()
        && settings.wish().tls().isEmpty()
        && answer.status() == 400
        && new String(answer.beginning(), StandardCharsets.ISO_8859_1).contains("HTTPS");
  }

  private Link connect(Speech speech) throws IOException, InterruptedException {
    boolean refused = false;
    while (true) {
      try {
        return Link.open(address, speech, settings.wish().protocols(), settings.host(), deadline);
      } catch (ConnectException e) {
        refused = true;
        if (over.getAsBoolean()) {
          throw new IOException(Words.address(address) + " refused every connection", e);
        }
        Thread.sleep(CONNECT_EVERY_MILLIS);
      } catch (Link.NotConnected e) {
        throw new IOException(
            "%s %s within %d s"
                .formatted(
                    Words.address(address),
                    refused ? "refused every connection" : "took no connection",
                    settings.deadline().toSeconds()),
            e);
      }
    }
  }

  private FirstConnection told(Made made) {
    Link.Opening opening = made.link().opening();
    Answer answer = made.answer();
    return new FirstConnection(
        builder.clock(opening.beganNanos()),
        opening.tcp(),
        opening.serverHello(),
        opening.tls(),
        answer.firstByteNanos() - made.asked(),
        answer.lastByteNanos() - answer.firstByteNanos(),
        answer.status(),
        made.link().speech(),
        opening
            .agreed()
            .map(
                agreed ->
                    new TlsFacts(
                        agreed.protocol(), agreed.cipher(), agreed.key(), agreed.curve())));
  }
}
