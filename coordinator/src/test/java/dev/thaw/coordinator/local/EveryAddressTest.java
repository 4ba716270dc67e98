package dev.thaw.coordinator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

class EveryAddressTest {

  private static Replica replica(int index, Endpoint endpoint) {
    var name = new PodName("orders-" + index);
    return new Replica(index, new PodUid(name + ".run"), name, endpoint);
  }

  private static Signal listens(String host, boolean target) {
    return Signal.newBuilder()
        .setKind(Signal.Kind.LISTEN)
        .setTarget(target)
        .setAddress(Address.newBuilder().setHost(host).setPort(8080))
        .build();
  }

  @Test
  void onlyAListenerOfThePodsPortOnNoAddressInParticularTakesThemAll() {
    assertThat(EveryAddress.taken(listens("0.0.0.0", true))).isTrue();
    assertThat(EveryAddress.taken(listens("0:0:0:0:0:0:0:0", true))).isTrue();
    assertThat(EveryAddress.taken(listens("127.101.1.1", true))).isFalse();
    assertThat(EveryAddress.taken(listens("0.0.0.0", false))).isFalse();
    assertThat(
            EveryAddress.taken(
                listens("0.0.0.0", true).toBuilder().setKind(Signal.Kind.LISTEN_CLOSED).build()))
        .isFalse();
  }

  @Test
  void itIsATroubleOnlyForOthersOfTheSamePort() {
    Replica taker = replica(0, new Endpoint("127.101.1.1", 8080));
    Replica other = replica(1, new Endpoint("127.101.1.2", 8080));
    taker.onEveryAddress = true;

    assertThat(EveryAddress.trouble(List.of(taker), 8080)).isEmpty();
    assertThat(EveryAddress.trouble(List.of(taker, other), 8080).orElseThrow())
        .contains("orders-0 listens on port 8080 of every address", "{addr}");
    assertThat(EveryAddress.trouble(List.of(taker, replica(1, new Endpoint("::1", 40_001))), 8080))
        .isEmpty();
  }
}
