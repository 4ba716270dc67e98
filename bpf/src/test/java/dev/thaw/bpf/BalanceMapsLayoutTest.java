package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Java writes and reads lies where the built object's BTF says that C has put it. */
class BalanceMapsLayoutTest {
  private static final InetSocketAddress V4 = new InetSocketAddress("127.1.2.3", 8080);
  private static final InetSocketAddress V6 = new InetSocketAddress("fd00::7", 443);

  private Btf btf;

  @BeforeEach
  void read() throws IOException {
    btf = Btf.of("balance.bpf.o");
  }

  @Test
  void anEndpointIsAMappedAddressAndAPortInNetworkOrder() {
    Btf.Struct layout = btf.struct("endpoint");
    ByteBuffer bytes = Balancer.Endpoints.bytes(V4);

    assertThat(Balancer.Endpoints.SIZE).isEqualTo(layout.size());
    var address = new byte[16];
    bytes.get(layout.at("address"), address);
    assertThat(address).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 1, 2, 3);
    assertThat(bytes.get(layout.at("port"))).isEqualTo((byte) (8080 >> 8));
    assertThat(bytes.get(layout.at("port") + 1)).isEqualTo((byte) 8080);
    for (int pad = layout.at("pad"); pad < layout.size(); pad++) {
      assertThat(bytes.get(pad)).isZero(); // it is part of a hash map's key
    }
    assertThat(Balancer.Endpoints.address(bytes, 0)).isEqualTo(V4);
    assertThat(Balancer.Endpoints.address(Balancer.Endpoints.bytes(V6), 0)).isEqualTo(V6);
  }

  @Test
  void aServiceIsItsIdAndWhatToDoOnSilence() {
    Btf.Struct layout = btf.struct("service");
    ByteBuffer keeps = Balancer.service(7, Balancer.OnSilence.KEEP);
    ByteBuffer passes = Balancer.service(7, Balancer.OnSilence.PASS_THROUGH);

    assertThat(keeps.capacity()).isEqualTo(layout.size());
    assertThat(keeps.getInt(layout.at("id"))).isEqualTo(7);
    assertThat(keeps.getInt(layout.at("pass_through"))).isZero();
    assertThat(passes.getInt(layout.at("pass_through"))).isEqualTo(1);
  }

  @Test
  void aTableIsWrittenColumnByColumnAndReadBack() {
    Btf.Struct layout = btf.struct("table");
    Btf.Struct column = btf.struct("column");
    var backends = List.of(new Balancer.Backend(5, V4, 30), new Balancer.Backend(6, V6, 10));
    var alias = new AliasTable(new int[] {30, 10});

    ByteBuffer bytes = Balancer.table(9, backends);

    assertThat(bytes.capacity()).isEqualTo(Balancer.TABLE_SIZE).isEqualTo(layout.size());
    assertThat(bytes.getLong(layout.at("epoch"))).isEqualTo(9);
    assertThat(bytes.getInt(layout.at("n"))).isEqualTo(2);
    for (int i = 0; i < 2; i++) {
      int at = layout.at("columns") + i * column.size();
      assertThat(Balancer.Endpoints.address(bytes, at + column.at("endpoint")))
          .isEqualTo(backends.get(i).address());
      assertThat(bytes.getInt(at + column.at("slot"))).isEqualTo(backends.get(i).slot());
      assertThat(bytes.getInt(at + column.at("threshold"))).isEqualTo(alias.threshold(i));
      assertThat(bytes.getInt(at + column.at("alias"))).isEqualTo(alias.alias(i));
      assertThat(bytes.getInt(at + column.at("weight"))).isEqualTo(backends.get(i).weight());
    }
    assertThat(PinnedBalance.table(bytes)).isEqualTo(new Balancer.AppliedTable(9, backends));
  }

  @Test
  void countersAreSummedOverCpus() {
    Btf.Struct key = btf.struct("pick_key");
    Btf.Struct count = btf.struct("pick_count");
    ByteBuffer keyBytes =
        BpfMap.buffer(key.size())
            .putInt(key.at("service"), 1)
            .putInt(key.at("slot"), 2)
            .putLong(key.at("epoch"), 3);
    ByteBuffer values = BpfMap.buffer(2 * count.size());
    for (int cpu = 0; cpu < 2; cpu++) {
      values
          .putLong(cpu * count.size() + count.at("picks"), 100)
          .putLong(cpu * count.size() + count.at("connects"), 20)
          .putLong(cpu * count.size() + count.at("failures"), 3)
          .putLong(cpu * count.size() + count.at("first_pick_ns"), 70 - cpu);
    }

    assertThat(Balancer.sum(keyBytes, values, 2))
        .isEqualTo(new Balancer.PickCount(2, 3, 200, 40, 6, 69));
  }
}
