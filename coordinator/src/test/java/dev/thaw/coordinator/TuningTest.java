package dev.thaw.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an operator may change of a coordinator. */
class TuningTest {
  private static final Config SHIPPED = ConfigFactory.load("thaw-coordinator");

  /**
   * One key.
   *
   * @param field of {@link Tuning} that it moves
   * @param shipped the field's value as shipped
   * @param other a value that may be had
   * @param moved what the field is then
   * @param tooLow a value just outside, and what is accepted instead
   */
  private record Row(
      String key,
      String field,
      String shipped,
      String other,
      String moved,
      String tooLow,
      String tooHigh,
      String accepted) {
    String path() {
      return "thaw.coordinator." + key;
    }
  }

  static List<Row> rows() {
    return List.of(
        new Row("writer.again", "writer.again", "PT5S", "2s", "PT2S", "999ms", "61s", "1s to 1m"),
        new Row("writer.renew", "writer.renew", "PT5S", "1s", "PT1S", "999ms", "61s", "1s to 1m"),
        new Row(
            "writer.subscription",
            "writer.subscription",
            "PT15S",
            "10s",
            "PT10S",
            "9999ms",
            "601s",
            "10s to 10m"),
        new Row("local.list", "local.list", "PT5S", "1s", "PT1S", "999ms", "61s", "1s to 1m"),
        new Row("local.grace", "local.grace", "PT10S", "0s", "PT0S", "-1ms", "601s", "0s to 10m"),
        new Row("local.drain", "local.drain", "PT2S", "1s", "PT1S", "99ms", "61s", "100ms to 1m"),
        new Row(
            "restart.first", "restart.first", "PT1S", "2s", "PT2S", "99ms", "61s", "100ms to 1m"),
        new Row(
            "restart.longest",
            "restart.longest",
            "PT30S",
            "1s",
            "PT1S",
            "999ms",
            "61m",
            "1s to 1h"),
        new Row("restart.most", "restart.most", "5", "1", "1", "0", "101", "1 to 100"),
        new Row(
            "restart.window", "restart.window", "PT5M", "1s", "PT1S", "999ms", "25h", "1s to 24h"),
        new Row(
            "prometheus.timeout",
            "prometheus.timeout",
            "PT2S",
            "100ms",
            "PT0.1S",
            "99ms",
            "61s",
            "100ms to 1m"),
        new Row("feed.kept", "feed.kept", "200", "10", "10", "9", "10001", "10 to 10000"),
        new Row("feed.lag", "feed.lag", "1000", "10", "10", "9", "100001", "10 to 100000"),
        new Row("admin.read", "admin.read", "PT3S", "1s", "PT1S", "99ms", "61s", "100ms to 1m"),
        new Row("admin.verb", "admin.verb", "PT5S", "3s", "PT3S", "2999ms", "61s", "3s to 1m"));
  }

  @Test
  void everyKeyOfReferenceConfIsLookedAtHere() {
    var keys = new TreeSet<String>();
    SHIPPED.getConfig("thaw.coordinator").entrySet().forEach(each -> keys.add(each.getKey()));

    assertThat(rows()).extracting(Row::key).containsExactlyInAnyOrderElementsOf(keys);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aKeyThatIsOverriddenMovesItsOwnFieldAlone(Row row) {
    Map<String, String> before = fields(Tuning.from(SHIPPED), "");
    Map<String, String> after = fields(Tuning.from(with(row, row.other())), "");

    assertThat(before).containsEntry(row.field(), row.shipped());
    assertThat(after).containsEntry(row.field(), row.moved());
    after.put(row.field(), row.shipped());
    assertThat(after).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aValueOutsideItsBoundsIsRefusedWithKeyAndWhatIsAccepted(Row row) {
    for (String wrong : List.of(row.tooLow(), row.tooHigh())) {
      assertThatThrownBy(() -> Tuning.from(with(row, wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(row.path() + ": ")
          .hasMessageEndingWith(" (expected: " + row.accepted() + ")");
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aValueOfAnotherKindIsRefusedWithKeyValueAndWhatIsAccepted(Row row) {
    assertThatThrownBy(() -> Tuning.from(with(row, "soon")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(row.path() + ": soon (expected: a ");
  }

  private static Config with(Row row, String value) {
    return ConfigFactory.parseMap(Map.of(row.path(), value)).withFallback(SHIPPED);
  }

  /** Every leaf of a record of records, by its path. */
  private static Map<String, String> fields(Record value, String path) {
    var fields = new TreeMap<String, String>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object part = part(value, component);
      if (part instanceof Record inner) {
        fields.putAll(fields(inner, path + component.getName() + "."));
      } else {
        fields.put(path + component.getName(), part.toString());
      }
    }
    return fields;
  }

  private static Object part(Record of, RecordComponent component) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
