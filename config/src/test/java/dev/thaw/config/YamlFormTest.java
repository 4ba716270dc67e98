package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts that are no policy because of their form. */
class YamlFormTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'spec:\\n\\tservice: x'              | p:2:1: a tab in the indentation (accepted: spaces)",
        "'a: &x [1]\\nb: *x'                  | p:1:4: a: an anchor or alias (accepted: the value itself)",
        "'a: *x'                              | p:1:4: a: an anchor or alias",
        "'a: !!java.net.URL [x]'              | p:1:4: a: tag",
        "'a: 1\\n---\\nb: 1'                  | p:2:1: a second document (accepted: one policy in a file)",
        "'spec: {}\\nspec: {}'                | p:2:1: spec: written twice (accepted: once)",
        "'spec:\\n  mode: gate\\n  mode: ramp'| p:3:3: spec.mode: written twice (accepted: once)",
        "'a: b: c'                            | p:1:5: not YAML: mapping values are not allowed here",
        "'a: \"x'                             | p:1:6: not YAML: found unexpected end of stream",
        "'[a, b]: 1'                          | p:1:1: a list or section as key (accepted: a name)",
        "'words'                              | p:1:1: words (accepted: a WarmupPolicy)",
        "'[1, 2]'                             | p:1:1: a list of 2 (accepted: a WarmupPolicy)",
        "''                                   | p:1:1: empty (accepted: a WarmupPolicy)",
        "'# only a comment'                   | p:1:1: empty (accepted: a WarmupPolicy)",
        "'a:\\n  - \\u0001'                   | p:2:5: character U+0001 (accepted: printable text)",
        "'a: \"\\x'                            | p:1:1: not YAML: a broken escape after this place",
        "'\"a\\x0Ab\": 1'                      | p:1:1: a b: unknown key",
        "'<<: {a: 1}'                         | p:1:1: <<: unknown key",
      })
  void isRefusedWithItsPlace(String escaped, String expected) {
    String source = escaped.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0001", "\u0001");

    assertThat(lines(source)).anySatisfy(line -> assertThat(line).startsWith(expected));
  }

  @Test
  void aDeepNestIsRefusedBeforeItIsDescended() {
    assertThat(lines("a: " + "[".repeat(100_000))).singleElement().asString().contains("deeply");
  }

  @Test
  void aHugeTextIsRefusedUnread() {
    assertThat(lines("a".repeat(300_000)))
        .containsExactly("p:1:1: 300000 characters (accepted: at most 262144)");
  }

  @Test
  void aValueIsShownShortAndOnOneLine() {
    String policy = "kind: \"a\\nb" + "c".repeat(500) + "\"";

    assertThat(lines(policy)).allSatisfy(line -> assertThat(line).hasSizeLessThan(250));
    assertThat(lines(policy)).noneMatch(line -> line.contains("\n"));
  }

  private static List<String> lines(String source) {
    return PolicyReader.read(source, "p", Mode.RAMP).problems().stream()
        .map(Problem::toString)
        .toList();
  }
}
