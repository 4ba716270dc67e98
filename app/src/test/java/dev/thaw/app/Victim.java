package dev.thaw.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A server in one Python file that behaves as a test wants, a policy for it with short holds, and
 * the commands that run and steer it. How a server behaves is read when it starts: a test can put a
 * bad one beside a good one.
 */
final class Victim {
  static final String NAME = "it-" + ProcessHandle.current().pid();
  static final String HOST =
      "127.102.%d.%d"
          .formatted(
              1 + ProcessHandle.current().pid() / 250 % 250,
              1 + ProcessHandle.current().pid() % 250);
  static final int PORT = 18711;

  private static final String SERVER =
      """
      import http.server, os, socket, sys, threading, time
      addr, port, mode = sys.argv[1], int(sys.argv[2]), open(sys.argv[3]).read().strip()
      served = 0
      class H(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def do_GET(self):
          global served
          served += 1
          bad = mode == '500' or mode == 'five' and served > 5
          body = metrics() if self.path == '/metrics' else b'ok'
          self.send_response(500 if bad else 200)
          self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body)
        def log_message(self, *a): pass
      def metrics():
        lines = ['http_requests_total{code="200"} %d' % served]
        for le in ('0.1', '1', '+Inf'):
          lines.append('http_request_duration_seconds_bucket{le="%s"} %d' % (le, served))
        lines.append('http_request_duration_seconds_count %d' % served)
        return ('\\n'.join(lines) + '\\n').encode()
      class Server(http.server.ThreadingHTTPServer):
        if ':' in addr: address_family = socket.AF_INET6
      def raw(reply):
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((addr, port)); s.listen(64); kept = []
        while True:
          c, _ = s.accept(); kept.append(c)
          if reply: c.sendall(reply); c.close(); kept.pop()
      print('mode', mode, flush=True)
      if mode == 'never': time.sleep(600)
      if mode == 'silent': raw(b'')
      if mode == 'garbage': raw(b'\\x00\\xff\\x13 not http at all\\r\\n\\r\\n')
      if mode == 'stubborn':
        import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)
      if mode == 'ordered':
        import signal; signal.signal(signal.SIGUSR1, lambda *a: os._exit(5))
      if mode in ('two', 'elsewhere'):
        threading.Thread(target=Server((addr, port + 1), H).serve_forever, daemon=True).start()
      if mode == 'elsewhere': time.sleep(600)
      if mode == 'crash': threading.Timer(0.3, lambda: (print('out of luck', flush=True), os._exit(3))).start()
      if mode == 'done': threading.Timer(1.0, lambda: os._exit(0)).start()
      Server(('' if mode == 'wild' else addr, port), H).serve_forever()
      """;

  final Path folder;
  final Path policy;
  final Path state;
  private final Path server;
  private final Path mode;
  private String service = HOST + ":" + PORT;

  Victim(Path folder) throws IOException {
    this.folder = folder;
    this.policy = folder.resolve("policy.yaml");
    this.state = folder.resolve("state");
    this.server = Files.writeString(folder.resolve("server.py"), SERVER);
    this.mode = folder.resolve("mode");
    behave("ok");
    policy("startDeadline: 30s");
  }

  /** How servers behave that start from now on. */
  Victim behave(String how) throws IOException {
    Files.writeString(mode, how);
    return this;
  }

  Victim service(String address) {
    service = address;
    return this;
  }

  /** The policy with this below {@code spec}. */
  Victim policy(String... spec) throws IOException {
    return policy(List.of(spec), "{ weight: 5, hold: 1s }");
  }

  /** The policy with this below {@code spec} and this first rung. */
  Victim policy(List<String> spec, String rung) throws IOException {
    var text = new StringBuilder("apiVersion: thaw.dev/v1alpha1\nkind: WarmupPolicy\n");
    text.append("metadata: { name: ").append(NAME).append(" }\nspec:\n");
    text.append("  service: \"").append(service).append("\"\n");
    spec.forEach(line -> text.append("  ").append(line).append('\n'));
    text.append("  birth:\n    floor: 0s\n    retryAfter: [1s, 1s, 1s]\n");
    text.append("    gateDefaults: { interval: 200ms }\n    ladder:\n");
    text.append("      - ").append(rung).append('\n');
    text.append("      - { weight: 100, hold: 1s }\n");
    Files.writeString(policy, text);
    return this;
  }

  /** The words of a run; {@code options} stand before the command. */
  List<String> words(int replicas, String... options) {
    var words =
        new ArrayList<>(
            List.of(
                "--policy",
                policy.toString(),
                "--state",
                state.toString(),
                "--replicas",
                Integer.toString(replicas)));
    words.addAll(List.of(options));
    if (!words.contains("--restart")) {
      words.addAll(List.of("--restart", "never"));
    }
    words.addAll(
        List.of("--", "/usr/bin/python3", server.toString(), "{addr}", "{port}", mode.toString()));
    return words;
  }

  /** A run of one shell command instead of the server; {@code options} stand before it. */
  Run shell(String script, String... options) throws IOException {
    var words =
        new ArrayList<>(List.of("--policy", policy.toString(), "--state", state.toString()));
    words.addAll(List.of(options));
    words.addAll(List.of("--", "/bin/sh", "-c", script));
    return Run.start(folder, words.toArray(String[]::new));
  }

  Run run(int replicas, String... options) throws IOException {
    return Run.start(folder, words(replicas, options).toArray(String[]::new));
  }

  /** A run that ends by itself: its exit code and what it says. */
  Run.Ended toItsEnd(String... options) throws Exception {
    var words = new ArrayList<>(List.of("run"));
    words.addAll(words(1, options));
    return Run.of(words.toArray(String[]::new));
  }

  /**
   * A verb as the command line takes it, in this process: its exit code and what it says. A replica
   * may be full before the run has opened its admin API.
   */
  Run.Ended thaw(String... words) throws InterruptedException {
    var run = new StateFolder(state);
    for (int tries = 500; !hasOpened(run) && tries > 0; tries--) {
      Thread.sleep(20);
    }
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--state", state.toString()));
    var said = new StringWriter();
    var out = new PrintWriter(said, true);
    int code = Main.commandLine().setOut(out).setErr(out).execute(all.toArray(String[]::new));
    return new Run.Ended(code, said.toString());
  }

  private static boolean hasOpened(StateFolder run) {
    return run.admin().flatMap(admin -> ProcessHandle.of(admin.pid())).isPresent();
  }

  /** What {@code get -o json} shows. */
  JsonNode workload() throws Exception {
    return new ObjectMapper().readTree(thaw("get", "-o", "json").said());
  }

  /** A pod as {@code get -o json} shows it. */
  JsonNode pod(String name) throws Exception {
    for (JsonNode pod : workload().path("pods")) {
      if (pod.path("name").asText().equals(name)) {
        return pod;
      }
    }
    throw new AssertionError("no pod " + name + ": " + thaw("get").said());
  }

  /** Nothing of it is left in the kernel. */
  static boolean unpinned() {
    return Files.notExists(Path.of("/sys/fs/bpf/thaw", NAME));
  }

  static String pod(int index) {
    return NAME + "-" + index;
  }

  static int ask() throws Exception {
    return ask("http://" + HOST + ":" + PORT + "/");
  }

  /** Full is said on its decision; the kernel takes the table some milliseconds later. */
  static int ask(String url) throws Exception {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    for (int tries = 100; ; tries--) {
      try {
        return client
            .send(
                HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.discarding())
            .statusCode();
      } catch (ConnectException e) {
        if (tries == 0) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }
}
