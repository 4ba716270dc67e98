package dev.thaw.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One address has one form, however it was written. */
class AddressesTest {

  @ParameterizedTest
  @CsvSource({
    "[0:0:0:0:0:0:0:1]:80, ::1",
    "[FD00::000A]:80, fd00::a",
    "[1:0:0:2:0:0:0:3]:80, 1:0:0:2::3",
    "[1:0:2:3:4:5:6:7]:80, 1:0:2:3:4:5:6:7",
    "[fe80::]:80, fe80::",
    "127.100.0.1:80, 127.100.0.1"
  })
  void isWrittenShort(String written, String host) {
    assertThat(Addresses.parse(written)).contains(new Endpoint(host, 80));
  }

  @Property
  void itsShortFormMeansTheSameBytes(@ForAll @Size(16) byte[] bytes) throws Exception {
    bytes[0] = 0x20; // a unicast address, whatever the rest
    String longForm = InetAddress.getByAddress(bytes).getHostAddress();

    Endpoint endpoint = Addresses.parse("[" + longForm + "]:1").orElseThrow();

    assertThat(InetAddress.getByName(endpoint.host()).getAddress()).isEqualTo(bytes);
  }
}
