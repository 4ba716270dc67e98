package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** No text makes the reader throw; what it does not accept, it says so, line by line. */
class PolicyFuzzTest {

  private static final List<String> TOKENS =
      List.of(
          "spec",
          "service",
          "probe",
          "birth",
          "ladder",
          "weight",
          "gates",
          "promql",
          "metrics",
          "metadata",
          ":",
          ": ",
          "- ",
          "{",
          "}",
          "[",
          "]",
          ",",
          "\n",
          "\n  ",
          "\n    ",
          "\t",
          "\"",
          "'",
          "|",
          ">",
          "&a ",
          "*a",
          "!t ",
          "#",
          "%YAML 1.1\n",
          "---\n",
          "...\n",
          "? ",
          "null",
          "~",
          "1",
          "-1",
          "1e9",
          "5s",
          "100",
          "\uFEFF",
          "\uD83D\uDE00",
          "\uD83D",
          "\u0000",
          "\r",
          "\u0085",
          "\u2028",
          "\\",
          "@",
          "`",
          "<<",
          "=",
          "0x1F",
          ".inf");

  @Provide
  Arbitrary<String> anyText() {
    return Arbitraries.strings().all().ofMaxLength(300);
  }

  @Provide
  Arbitrary<String> almostYaml() {
    return Arbitraries.of(TOKENS).list().ofMaxSize(60).map(tokens -> String.join("", tokens));
  }

  /** A valid policy with one stretch of its text replaced. */
  @Provide
  Arbitrary<String> wounded() {
    return Combinators.combine(
            Policies.valid().map(PolicyWriter::write),
            Arbitraries.doubles().between(0, 1),
            Arbitraries.integers().between(0, 40),
            Arbitraries.of(TOKENS).list().ofMaxSize(4))
        .as(
            (policy, where, length, tokens) -> {
              int start = (int) (where * policy.length());
              int end = Math.min(policy.length(), start + length);
              return policy.substring(0, start) + String.join("", tokens) + policy.substring(end);
            });
  }

  @Property(tries = 1000)
  void anyTextEndsInAMessage(@ForAll("anyText") String text) {
    expectAnAnswer(text);
  }

  @Property(tries = 2000)
  void almostYamlEndsInAMessage(@ForAll("almostYaml") String text) {
    expectAnAnswer(text);
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void aWoundedPolicyEndsInAPolicyOrAMessage(@ForAll("wounded") String text) {
    expectAnAnswer(text);
  }

  /** One of the two is guaranteed by the reading itself; the problems must be fit to print. */
  private static void expectAnAnswer(String text) {
    PolicyReading reading = PolicyReader.read(text, "any.yaml", Mode.RAMP);

    assertThat(reading.problems())
        .allSatisfy(
            problem -> {
              assertThat(problem.line()).isPositive();
              assertThat(problem.column()).isPositive();
              assertThat(problem.accepted()).isNotBlank();
              assertThat(problem.toString()).doesNotContain("\n").hasSizeLessThan(700);
            });
  }
}
