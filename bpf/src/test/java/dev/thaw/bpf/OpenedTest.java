package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void whatWasOpenedIsClosedTheLastFirst() {
    try (var opened = new Opened()) {
      opened.add("first", closed::add);
      opened.add("second", closed::add);
    }

    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void whatHasItsOwnerStaysOpen() {
    try (var opened = new Opened()) {
      opened.add("first", closed::add);
      opened.keep();
    }

    assertThat(closed).isEmpty();
  }
}
