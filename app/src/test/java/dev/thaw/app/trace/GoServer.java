package dev.thaw.app.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Go server for tests, built once for all of them that register it: burns 80 ms before main, 60
 * ms in its first request; listens on a free port of loopback, with TLS by the key its argument
 * names, or without it as {@code plain} HTTP, as HTTP/2 alone ({@code h2c}) or as {@code grpc}.
 */
final class GoServer implements BeforeAllCallback {
  private static final String SOURCE =
      """
      package main

      import (
      	"crypto/ecdsa"
      	"crypto/elliptic"
      	"crypto/rand"
      	"crypto/rsa"
      	"crypto/tls"
      	"crypto/x509"
      	"crypto/x509/pkix"
      	"math/big"
      	"net"
      	"net/http"
      	_ "net/http/pprof"
      	"os"
      	"sync"
      	"time"
      )

      var table = burn(80 * time.Millisecond)

      var once sync.Once

      func burn(long time.Duration) int {
      	n := 0
      	for began := time.Now(); time.Since(began) < long; {
      		n++
      	}
      	return n
      }

      func framesAlone(handler http.Handler) *http.Server {
      	protocols := new(http.Protocols)
      	protocols.SetUnencryptedHTTP2(true)
      	return &http.Server{Handler: handler, Protocols: protocols}
      }

      // As a gRPC server answers: a check by its health, anything else by an error of its own.
      func health(w http.ResponseWriter, r *http.Request) {
      	w.Header().Set("Content-Type", "application/grpc")
      	if r.Method != http.MethodPost || r.URL.Path != "/grpc.health.v1.Health/Check" {
      		w.Header().Set("Grpc-Status", "13")
      		w.WriteHeader(http.StatusMethodNotAllowed)
      		return
      	}
      	w.Header().Set("Trailer", "Grpc-Status")
      	w.Write([]byte{0, 0, 0, 0, 2, 8, 1})
      	w.Header().Set("Grpc-Status", "0")
      }

      func main() {
      	if len(os.Args) > 2 {
      		burn(400 * time.Millisecond)
      	}
      	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
      		once.Do(func() { burn(60 * time.Millisecond) })
      		w.Write([]byte("hello"))
      	})
      	listener, err := net.Listen("tcp", "127.0.0.1:0")
      	if err != nil {
      		panic(err)
      	}
      	switch os.Args[1] {
      	case "plain":
      		panic(http.Serve(listener, nil))
      	case "h2c":
      		panic(framesAlone(http.DefaultServeMux).Serve(listener))
      	case "grpc":
      		panic(framesAlone(http.HandlerFunc(health)).Serve(listener))
      	}
      	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
      	var public, private interface{}
      	if os.Args[1] == "rsa" {
      		key, _ := rsa.GenerateKey(rand.Reader, 2048)
      		public, private = &key.PublicKey, key
      	} else {
      		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
      		public, private = &key.PublicKey, key
      	}
      	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
      	if err != nil {
      		panic(err)
      	}
      	server := &http.Server{TLSConfig: &tls.Config{
      		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}}}
      	panic(server.ServeTLS(listener, "", ""))
      }
      """;

  private @Nullable Path program;

  @Override
  public void beforeAll(ExtensionContext context) {
    program =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(GoServer.class))
            .getOrComputeIfAbsent(Built.class, none -> Built.inAFolder(), Built.class)
            .program();
  }

  /** The program. */
  Path program() {
    return Objects.requireNonNull(program, "it is registered as an extension");
  }

  /** Lies there until the last test has ended. */
  private record Built(Path folder, Path program) implements AutoCloseable {
    static Built inAFolder() {
      try {
        Path folder = Files.createTempDirectory("go-server");
        return new Built(folder, build(folder));
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws IOException {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** Builds it there with flags of its own. */
  static Path build(Path folder, String... flags) throws IOException, InterruptedException {
    Path source = Files.createDirectories(folder.resolve("go-server"));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), SOURCE);
    Path program = folder.resolve("server" + flags.length);
    var words = new ArrayList<>(List.of("go", "build", "-o", program.toString()));
    words.addAll(List.of(flags));
    words.add(".");
    var builder = new ProcessBuilder(words).directory(source.toFile()).redirectErrorStream(true);
    builder.environment().putIfAbsent("HOME", folder.toString());
    builder.environment().put("CGO_ENABLED", "0");
    Process go = builder.start();
    String said = new String(go.getInputStream().readAllBytes());
    if (go.waitFor() != 0) {
      throw new IOException("go build: " + said);
    }
    return program;
  }
}
