package dev.thaw.node.http;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What an exception of the network is to an operator. Pure. */
final class Failures {
  /** Alerts with which a server turns down a client for what it has, or has not, shown. */
  private static final List<String> CLIENT_CERTIFICATE_ALERTS =
      List.of("certificate_required", "bad_certificate", "certificate_unknown", "unknown_ca");

  private static final int LONGEST = 120;

  private Failures() {}

  static Failure of(Target target, Throwable cause) {
    if (cause instanceof Failure failure) {
      return failure;
    } else if (cause instanceof ConnectTimeoutException) {
      return failure(Failure.Kind.TIMEOUT, target, "did not take the connection in time");
    } else if (cause instanceof NoRouteToHostException) {
      return failure(Failure.Kind.UNREACHABLE, target, "cannot be reached: no route");
    } else if (cause instanceof ConnectException) {
      return refused(target, cause);
    } else if (cause instanceof SSLException tls) {
      return tls(target, tls);
    } else if (cause instanceof DecoderException && cause.getCause() instanceof SSLException tls) {
      return tls(target, tls);
    } else if (cause instanceof TooLongFrameException) {
      return oversized(target, cause);
    } else if (cause instanceof Http2Exception http2) {
      return http2(target, http2.error(), http2);
    } else if (cause instanceof IOException) {
      return failure(Failure.Kind.RESET, target, "broke the connection: " + brief(cause));
    }
    return failure(Failure.Kind.PROTOCOL_ERROR, target, "sent no proper answer: " + brief(cause));
  }

  private static Failure refused(Target target, Throwable cause) {
    return String.valueOf(cause.getMessage()).contains("unreachable")
        ? failure(Failure.Kind.UNREACHABLE, target, "cannot be reached: no route")
        : failure(Failure.Kind.REFUSED, target, "refused the connection: nobody listens there");
  }

  private static Failure oversized(Target target, Throwable cause) {
    return failure(Failure.Kind.OVERSIZED, target, "sent more than a probe takes: " + brief(cause));
  }

  private static Failure http2(Target target, Http2Error error, Throwable cause) {
    if (cause instanceof Http2Exception.HeaderListSizeException
        || error == Http2Error.COMPRESSION_ERROR && says(cause, "exceeded")) {
      return oversized(target, cause);
    } else if (error == Http2Error.FLOW_CONTROL_ERROR) {
      return failure(
          Failure.Kind.FLOW_CONTROL, target, "broke HTTP/2's flow control: " + brief(cause));
    } else if (says(cause, "active streams")) {
      return failure(Failure.Kind.STREAM_LIMIT, target, "allows no further stream at once");
    } else if (error == Http2Error.SETTINGS_TIMEOUT || says(cause, "etting")) {
      return settings(target, cause);
    }
    return failure(Failure.Kind.PROTOCOL_ERROR, target, "sent no proper HTTP/2: " + brief(cause));
  }

  static Failure settings(Target target, Throwable cause) {
    return failure(
        Failure.Kind.SETTINGS, target, "sent SETTINGS that HTTP/2 does not allow: " + brief(cause));
  }

  /** An error code of HTTP/2, by its name. */
  static String http2Error(long code) {
    Http2Error known = Http2Error.valueOf(code);
    return known == null ? "error " + code : known.name();
  }

  private static boolean says(Throwable cause, String words) {
    return String.valueOf(cause.getMessage()).contains(words);
  }

  /** Why there is no TLS connection with this server. */
  static Failure tls(Target target, Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof NotSslRecordException plain) {
        return failure(Failure.Kind.NO_TLS, target, PlainAnswer.sentence(plain));
      }
    }
    if (anyCause(cause, CertificateExpiredException.class)
        || anyCause(cause, CertificateNotYetValidException.class)) {
      return failure(
          Failure.Kind.TLS_EXPIRED,
          target,
          "shows a certificate that does not hold today: " + innermost(cause));
    } else if (anyMessage(cause, "No subject alternative")
        || anyMessage(cause, "No name matching")) {
      return failure(
          Failure.Kind.TLS_WRONG_NAME,
          target,
          "shows a certificate for another name: " + innermost(cause));
    } else if (anyMessage(cause, "unable to find valid certification path")
        || anyCause(cause, CertPathValidatorException.class)) {
      return failure(
          Failure.Kind.TLS_UNTRUSTED,
          target,
          "shows a certificate that the policy's ca has not signed");
    } else if (anyMessage(cause, "no_application_protocol")) {
      return failure(
          Failure.Kind.TLS_NO_ALPN, target, "agrees to no HTTP version by ALPN that we speak");
    } else if (clientRefused(target, cause)) {
      return failure(
          Failure.Kind.TLS_CLIENT_CERTIFICATE,
          target,
          target.tls().clientCertificate().isPresent()
              ? "does not accept our client certificate: " + innermost(cause)
              : "wants a client certificate, and the policy gives none: " + innermost(cause));
    }
    return failure(
        Failure.Kind.TLS_FAILED, target, "has no TLS connection with us: " + innermost(cause));
  }

  private static boolean clientRefused(Target target, Throwable cause) {
    return CLIENT_CERTIFICATE_ALERTS.stream()
        .anyMatch(alert -> anyMessage(cause, "fatal alert: " + alert));
  }

  private static boolean anyCause(Throwable cause, Class<? extends Throwable> kind) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (kind.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyMessage(Throwable cause, String words) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (says(at, words)) {
        return true;
      }
    }
    return false;
  }

  private static String innermost(Throwable cause) {
    Throwable at = cause;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return brief(at);
  }

  /** What an exception says, which may quote the server: one short line without a full stop. */
  static String brief(Throwable cause) {
    String said =
        Optional.ofNullable(cause.getMessage())
            .orElseGet(cause::toString)
            .replaceAll("[^ -~]+", " ")
            .replaceAll("([0-9a-f]{32})[0-9a-f]+", "$1...")
            .strip();
    String line = said.length() > LONGEST ? said.substring(0, LONGEST) + "..." : said;
    return line.replaceAll("(?<![.])[.]$", "");
  }

  static Failure failure(Failure.Kind kind, Target target, String sentence) {
    return new Failure(kind, target.text() + " " + sentence);
  }
}
