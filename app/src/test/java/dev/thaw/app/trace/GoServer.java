package dev.thaw.app.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A Go server for tests: burns 80 ms before main, 60 ms in its first request; listens on a free
 * port of loopback, with TLS by the key its argument names.
 */
final class GoServer {
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
      	if os.Args[1] == "plain" {
      		panic(http.Serve(listener, nil))
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

  private GoServer() {}

  static Path build(Path folder) throws IOException, InterruptedException {
    Path source = Files.createDirectories(folder.resolve("go-server"));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), SOURCE);
    Path program = folder.resolve("server");
    var builder =
        new ProcessBuilder(List.of("go", "build", "-o", program.toString(), "."))
            .directory(source.toFile())
            .redirectErrorStream(true);
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
