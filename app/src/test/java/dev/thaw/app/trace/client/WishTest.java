package dev.thaw.app.trace.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.app.trace.client.Wish.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WishTest {
  private static final Speech PLAIN = new Speech(false, false, Optional.empty());
  private static final Speech H2C = new Speech(false, true, Optional.empty());
  private static final Speech SECURED = new Speech(true, false, Optional.empty());

  @Test
  void plainHttp1ComesFirst() {
    assertThat(Wish.ANY.first()).isEqualTo(PLAIN);
    assertThat(Wish.ANY.protocols()).containsExactly("h2", "http/1.1");
  }

  @Test
  void aFrameForAnAnswerMeansHttp2WithoutTls() {
    assertThat(Wish.ANY.next(PLAIN, Refusal.WANTS_HTTP2)).hasValue(H2C);
  }

  @Test
  void silenceIsTlsBeforeItIsHttp2() {
    assertThat(Wish.ANY.next(PLAIN, Refusal.CLOSED)).hasValue(SECURED);
    assertThat(Wish.ANY.next(SECURED, Refusal.NO_TLS)).hasValue(H2C);
  }

  @Test
  void whatTheUserHasSaidIsNotTriedOtherwise() {
    var plainOnly = new Wish(Optional.of(false), Optional.of(false), Optional.empty());

    for (Refusal refusal : Refusal.values()) {
      assertThat(plainOnly.next(plainOnly.first(), refusal)).isEmpty();
    }
    assertThat(new Wish(Optional.empty(), Optional.of(true), Optional.empty()).protocols())
        .containsExactly("h2");
  }

  @Test
  void aCallNeedsHttp2() {
    var wish = new Wish(Optional.empty(), Optional.of(true), Optional.of("a.B/C"));

    assertThat(wish.first()).isEqualTo(new Speech(false, true, Optional.of("a.B/C")));
    assertThat(wish.next(wish.first(), Refusal.WANTS_TLS))
        .hasValue(new Speech(true, true, Optional.of("a.B/C")));
  }

  @ParameterizedTest
  @EnumSource(Refusal.class)
  void nothingIsTriedTwice(Refusal refusal) {
    List<Speech> tried = new ArrayList<>();
    Optional<Speech> next = Optional.of(Wish.ANY.first());
    while (next.isPresent()) {
      assertThat(tried).doesNotContain(next.get());
      tried.add(next.get());
      next = Wish.ANY.next(next.get(), refusal);
    }
    assertThat(tried).hasSizeLessThanOrEqualTo(4);
  }
}
