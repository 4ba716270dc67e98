package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line says and ends with, without anything running. */
class MainTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int thaw(String... words) {
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }

  /** An admin API that knows one workload and answers verbs with this. */
  private static HttpServer admin(int status, String answer) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean verb = exchange.getRequestMethod().equals("POST");
          byte[] body =
              (verb ? answer : "{\"workloads\":[{\"name\":\"orders\",\"pods\":[]}]}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(verb ? status : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private String url(HttpServer server) {
    return "--url=http://127.0.0.1:" + server.getAddress().getPort();
  }

  private Path stateWith(HttpServer server) throws Exception {
    Files.writeString(
        folder.resolve("admin.json"),
        "{\"url\":\"http://127.0.0.1:%d\",\"pid\":1}".formatted(server.getAddress().getPort()));
    Files.writeString(folder.resolve("token"), "t\n");
    return folder;
  }

  @Test
  void helpNamesTheVerbs() {
    assertThat(thaw("--help")).isZero();
    assertThat(out.toString()).contains("run", "why", "promote", "policy", "demo");
  }

  @Test
  void wrongWordsEndWithTwo() {
    assertThat(thaw("fly")).isEqualTo(2);
    assertThat(thaw("get", "--sideways")).isEqualTo(2);
    assertThat(thaw("scale", "--url=http://127.0.0.1:1", "many")).isEqualTo(2);
    assertThat(err.toString()).contains("many", "expected: a whole number");
    assertThat(thaw("policy")).isEqualTo(2);
  }

  @Test
  void aBaselineOfAnotherSettingIsRefusedBeforeAnythingIsSaidOrMade() throws Exception {
    Path baseline =
        Files.writeString(
            folder.resolve("before.json"),
            """
            {"version":1,"measures":{"exec to listen":[1,2,3,4]},"setting":{"millicores":300}}
            """);
    Path made = folder.resolve("made");
    String[] words = {
      "trace", "--repeat", "4", "--out", made.toString(), "--baseline", baseline.toString(), "true"
    };

    assertThat(thaw(words)).isEqualTo(2);
    assertThat(err.toString())
        .contains("--baseline: it was made with")
        .contains("a CPU limit of 300m (this trace: none)");
    assertThat(out.toString()).isEmpty();
    assertThat(made).doesNotExist();
  }

  @Test
  void controlCharactersOfWordsDoNotReachTheTerminal() {
    assertThat(thaw("trace", "--", "no\u001b]0;such\u0007\u009b\t\n")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("thaw: command no\\x1b]0;such\\x07\\x9b\\t\\n: not found on PATH\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trace --cpu 0 -- true|--cpu: \"0\" (expected: thousandths of a core such as 300m",
        "trace --cpu 0m -- true|--cpu: \"0m\" (expected: thousandths",
        "trace --cpu 9m -- true|--cpu: \"9m\" (expected: 10m or more, the least that Linux grants)",
        "trace --repeat x -- true|--repeat: \"x\" (expected: a whole number)",
        "trace --repeat 0 -- true|--repeat: 0 (expected: 1 to 200)",
        "trace --port x -- true|--port: \"x\" (expected: a whole number)",
        "trace --cpu|--cpu: no value (expected: CPU)",
        "trace|Missing required parameter: 'COMMAND'",
        "experiment --memory 1Mi -- true|--memory: \"1Mi\" (expected: an amount such as 512Mi",
        "experiment --cpu 100m,0 -- true|--cpu: \"0\" (expected: thousandths",
        "get --sideways|Unknown option: '--sideways'",
      })
  void aWrongWordIsOneSentenceWithItsValueAndWhatIsAccepted(String words, String sentence) {
    assertThat(thaw(words.split(" "))).isEqualTo(2);

    assertThat(err.toString().lines().findFirst()).get().asString().startsWith("thaw: " + sentence);
    assertThat(err.toString().lines().count()).as(err.toString()).isLessThanOrEqualTo(3);
    assertThat(err.toString()).doesNotContain("Exception");
  }

  @Test
  void whoGivesNoCommandSeesThemAll() {
    assertThat(thaw()).isEqualTo(2);
    assertThat(err.toString()).contains("experiment", "preflight");
  }

  @Test
  void wrongWordsAreOneSentenceAndWhereToLook() {
    thaw("get", "--sideways");

    assertThat(err.toString().lines())
        .containsExactly("thaw: Unknown option: '--sideways'", "see thaw get --help");
  }

  @Test
  void aVerbPrintsTheSentenceThatComesBack() throws Exception {
    HttpServer server = admin(200, "{\"done\":\"orders is paused\"}");
    try {
      assertThat(thaw("pause", "--state", stateWith(server).toString(), "orders")).isZero();
      assertThat(out.toString()).contains("orders is paused");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aRefusedVerbEndsWithOneAndSaysWhy() throws Exception {
    HttpServer server = admin(409, "{\"error\":\"nobody would be left\"}");
    try {
      assertThat(thaw("abort", "--state", stateWith(server).toString(), "orders")).isEqualTo(1);
      assertThat(err.toString()).contains("nobody would be left");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void getShowsATable() throws Exception {
    HttpServer server = admin(200, "{}");
    try {
      assertThat(thaw("get", url(server))).isZero();
      assertThat(out.toString()).contains("orders", "POD", "WEIGHT");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whyWithAPageSaysWhereItIsAndNothingElse() throws Exception {
    HttpServer server = admin(200, "{}");
    try {
      Path page = folder.resolve("pod.html");

      assertThat(thaw("why", url(server), "orders-1", "--html", page.toString())).isZero();
      assertThat(out.toString()).isEqualTo("its start is drawn in " + page + "\n");
      assertThat(page).content().contains("<html");

      Path nowhere = folder.resolve("none").resolve("pod.html");
      assertThat(thaw("why", url(server), "orders-1", "--html", nowhere.toString())).isEqualTo(1);
      assertThat(err.toString())
          .isEqualTo("thaw: --html: " + nowhere + " cannot be written: no such file or folder\n");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whereNobodyAnswersASentenceSaysSo() {
    assertThat(thaw("get", "--url=http://127.0.0.1:1")).isEqualTo(1);
    assertThat(err.toString()).contains("nobody answers at http://127.0.0.1:1");
  }

  @Test
  void wordsThatBeginWithAtAreLeftToTheCommand() throws Exception {
    Path file = Files.writeString(folder.resolve("words"), "version");
    assertThat(thaw("@" + file)).isEqualTo(2);
  }

  @Test
  void theLogOfNobodyIsRefused() throws Exception {
    Files.createDirectories(folder.resolve("logs"));
    assertThat(thaw("logs", "--state", folder.toString(), "../../etc/passwd")).isEqualTo(1);
  }

  @Test
  void policiesAreValidatedAndShown() throws Exception {
    Path good =
        Files.writeString(
            folder.resolve("good.yaml"),
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: orders }
            spec: { service: "127.100.0.1:8080" }
            """);
    Path bad =
        Files.writeString(
            folder.resolve("bad.yaml"), Files.readString(good).replace("service", "servise"));
    assertThat(thaw("policy", "validate", good.toString())).isZero();
    assertThat(thaw("policy", "validate", good.toString(), bad.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("bad.yaml", "servise");
    assertThat(thaw("policy", "show", good.toString())).isZero();
    assertThat(out.toString()).contains("startDeadline");
  }
}
