package dev.thaw.node;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Servers as people run them, each on a free port of loopback, until it is closed. */
interface RealServer extends AutoCloseable {
  int port();

  @Override
  void close() throws IOException;

  /** Makes one; its files go into the folder. */
  interface Starter {
    RealServer start(Path folder) throws Exception;
  }

  static Starter go(String program, String... arguments) {
    return folder -> {
      Path binary = folder.resolve(program);
      if (!Files.exists(binary)) {
        var build =
            new ProcessBuilder("go", "build", "-o", binary.toString(), "./" + program)
                .directory(Path.of("src", "test", "go").toFile())
                .inheritIO()
                .start();
        if (build.waitFor() != 0) {
          throw new IOException("go build ./" + program + " failed");
        }
      }
      certificate(folder);
      int port = freePort();
      var words = new java.util.ArrayList<>(List.of(binary.toString()));
      words.addAll(List.of(arguments));
      words.add("127.0.0.1:" + port);
      return process(port, folder, words);
    };
  }

  static Starter nginx(String listen) {
    return folder -> {
      int port = freePort();
      certificate(folder);
      Path config =
          Files.writeString(
              folder.resolve("nginx-" + port + ".conf"),
              """
              daemon off; user root; worker_processes 1; pid FOLDER/nginx-PORT.pid;
              error_log FOLDER/nginx-PORT.log;
              events { worker_connections 64; }
              http {
                access_log off;
                client_body_temp_path FOLDER; proxy_temp_path FOLDER; fastcgi_temp_path FOLDER;
                uwsgi_temp_path FOLDER; scgi_temp_path FOLDER;
                server {
                  listen 127.0.0.1:PORT LISTEN;
                  ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.key;
                  location / { return 200 ok; }
                }
              }
              """
                  .replace("FOLDER", folder.toString())
                  .replace("PORT", Integer.toString(port))
                  .replace("LISTEN", listen));
      return process(port, folder, List.of("nginx", "-c", config.toString()));
    };
  }

  static Starter node(String create) {
    return folder -> {
      int port = freePort();
      certificate(folder);
      String program =
          """
          const fs = require('fs'), http = require('http'), http2 = require('http2');
          const files = { key: fs.readFileSync('server.key'), cert: fs.readFileSync('server.pem'), allowHTTP1: true };
          CREATE((request, response) => response.end('ok')).listen(PORT, '127.0.0.1');
          """
              .replace("CREATE(", create)
              .replace("PORT", Integer.toString(port));
      return process(port, folder, List.of("node", "-e", program));
    };
  }

  static Starter python() {
    return folder -> {
      int port = freePort();
      Files.writeString(folder.resolve("healthz"), "ok");
      return process(
          port,
          folder,
          List.of("python3", "-m", "http.server", "--bind", "127.0.0.1", Integer.toString(port)));
    };
  }

  static Starter envoy() {
    return folder -> {
      int port = freePort();
      Path config =
          Files.writeString(
              folder.resolve("envoy.yaml"),
              """
              static_resources:
                listeners:
                - address: { socket_address: { address: 127.0.0.1, port_value: PORT } }
                  filter_chains:
                  - filters:
                    - name: http
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                        stat_prefix: s
                        route_config:
                          virtual_hosts:
                          - name: all
                            domains: [ "*" ]
                            routes: [ { match: { prefix: / }, direct_response: { status: 200 } } ]
                        http_filters:
                        - name: router
                          typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
              """
                  .replace("PORT", Integer.toString(port)));
      return process(
          port,
          folder,
          List.of(
              EnvoyBinary.path(),
              "--config-path",
              config.toString(),
              "--disable-hot-restart",
              "--concurrency",
              "1",
              "--log-level",
              "warn"));
    };
  }

  static Starter grpcJava() {
    return folder -> {
      var health = new HealthStatusManager();
      io.grpc.Server server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(health.getHealthService())
              .build()
              .start();
      return inside(server.getPort(), server::shutdownNow);
    };
  }

  static Starter jetty() {
    return folder -> {
      var server = new Server();
      var http = new HttpConfiguration();
      var connector =
          new ServerConnector(
              server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
      connector.setHost("127.0.0.1");
      server.addConnector(connector);
      server.setHandler(
          new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
              response.setStatus(200);
              callback.succeeded();
              return true;
            }
          });
      server.start();
      return inside(connector.getLocalPort(), server::stop);
    };
  }

  /** Ends what runs in this JVM. */
  interface End {
    void run() throws Exception;
  }

  private static RealServer inside(int port, End end) {
    return new RealServer() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void close() throws IOException {
        try {
          end.run();
        } catch (Exception e) {
          throw new IOException("it does not end", e);
        }
      }
    };
  }

  private static RealServer process(int port, Path folder, List<String> words) throws Exception {
    Path log = folder.resolve("server-" + port + ".log");
    Process process =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    awaitListening(process, port, log);
    return inside(
        port,
        () -> {
          process.destroy();
          if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
          }
        });
  }

  private static void awaitListening(Process process, int port, Path log) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (process.isAlive() && System.nanoTime() < deadline) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        Thread.sleep(20);
      }
    }
    process.destroyForcibly();
    throw new IOException("it does not listen: " + Files.readString(log));
  }

  private static void certificate(Path folder) throws Exception {
    if (Files.exists(folder.resolve("server.key"))) {
      return;
    }
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("server.pem"), bundle.getCertificatePEM());
    Files.writeString(folder.resolve("server.key"), bundle.getPrivateKeyPEM());
  }

  private static int freePort() {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return listener.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
