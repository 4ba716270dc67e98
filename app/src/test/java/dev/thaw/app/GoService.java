package dev.thaw.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Go program for tests: answers every GET on the address and the ports in its arguments, opened
 * in their order; without arguments it ends at once.
 */
final class GoService {
  private static final String SOURCE =
      """
      package main

      import (
      	"net"
      	"net/http"
      	"os"
      )

      func main() {
      	if len(os.Args) < 3 {
      		return
      	}
      	var listeners []net.Listener
      	for _, port := range os.Args[2:] {
      		listener, err := net.Listen("tcp", net.JoinHostPort(os.Args[1], port))
      		if err != nil {
      			panic(err)
      		}
      		listeners = append(listeners, listener)
      	}
      	for _, listener := range listeners[1:] {
      		go http.Serve(listener, http.HandlerFunc(answer))
      	}
      	panic(http.Serve(listeners[0], http.HandlerFunc(answer)))
      }

      func answer(w http.ResponseWriter, r *http.Request) {
      	w.Write([]byte("ok"))
      }
      """;

  private GoService() {}

  static Path build(Path folder) throws IOException, InterruptedException {
    Path source = Files.createDirectories(folder.resolve("go-service"));
    Files.writeString(source.resolve("go.mod"), "module sample\n\ngo 1.18\n");
    Files.writeString(source.resolve("main.go"), SOURCE);
    Path program = folder.resolve("service");
    var builder =
        new ProcessBuilder("go", "build", "-o", program.toString(), ".")
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
