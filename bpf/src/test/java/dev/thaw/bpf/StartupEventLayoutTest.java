package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Java reads lies where the built object's BTF says that C has put it. */
class StartupEventLayoutTest {
  private static final int EXEC = 1;
  private static final int EXIT = 2;
  private static final int LISTEN = 3;
  private static final int LISTEN_CLOSED = 4;
  private static final short AF_INET = 2;
  private static final short AF_INET6 = 10;

  private Btf btf;
  private Btf.Struct layout;
  private Memory event;

  @BeforeEach
  void allocate() throws IOException {
    btf = Btf.of("startup.bpf.o");
    layout = btf.struct("startup_event");
    event = new Memory(layout.size());
    event.clear();
    event.setLong(layout.at("at_ns"), 11);
    event.setLong(layout.at("cgroup_id"), 12);
    event.setLong(layout.at("cgroup_v1_id"), 13);
    event.setInt(layout.at("pid"), 14);
  }

  @Test
  void aRecordIsAsLongAsJavaBelieves() {
    assertThat(StartupEvents.SIZE).isEqualTo(layout.size());
  }

  @Test
  void noMemberIsUnknownToThisTest() {
    assertThat(layout.offsets())
        .containsOnlyKeys(
            "at_ns",
            "cgroup_id",
            "cgroup_v1_id",
            "start_boot_ns",
            "inode",
            "socket",
            "type",
            "pid",
            "parent_pid",
            "device",
            "exit_code",
            "family",
            "port",
            "address",
            "path");
  }

  @Test
  void anExecIsReadMemberByMember() {
    event.setInt(layout.at("type"), EXEC);
    event.setInt(layout.at("parent_pid"), 15);
    event.setLong(layout.at("start_boot_ns"), 160_000_000);
    event.setLong(layout.at("inode"), 17);
    event.setInt(layout.at("device"), 18);
    event.setString(layout.at("path"), "/bin/true", StandardCharsets.UTF_8.name());

    assertThat(StartupEvents.read(event))
        .isEqualTo(new KernelEvent.Exec(11, 14, 15, 12, 13, 16, new ImageId(17, 18), "/bin/true"));
  }

  @Test
  void anExitIsReadMemberByMember() {
    event.setInt(layout.at("type"), EXIT);
    event.setInt(layout.at("exit_code"), 0x300);

    assertThat(StartupEvents.read(event)).isEqualTo(new KernelEvent.Exit(11, 14, 12, 13, 0x300));
  }

  @Test
  void aListenerIsReadMemberByMember() {
    event.setInt(layout.at("type"), LISTEN);
    event.setLong(layout.at("socket"), 19);
    event.setShort(layout.at("family"), AF_INET);
    event.setShort(layout.at("port"), (short) 60_000);
    event.write(layout.at("address"), new byte[] {127, 0, 0, 9}, 0, 4);

    assertThat(StartupEvents.read(event))
        .isEqualTo(
            new KernelEvent.Listen(11, 14, 12, 13, new InetSocketAddress("127.0.0.9", 60_000), 19));
  }

  @Test
  void anIpv6ListenersEndIsReadMemberByMember() {
    event.setInt(layout.at("type"), LISTEN_CLOSED);
    event.setLong(layout.at("socket"), 19);
    event.setShort(layout.at("family"), AF_INET6);
    event.setShort(layout.at("port"), (short) 80);
    event.setByte(layout.at("address") + 15, (byte) 1);

    assertThat(StartupEvents.read(event))
        .isEqualTo(
            new KernelEvent.ListenClosed(11, 14, 12, 13, new InetSocketAddress("::1", 80), 19));
  }

  @Test
  void marksAreToldApartAndALaterTypeIsNobodys() {
    event.setInt(layout.at("type"), 5);
    assertThat(StartupEvents.read(event))
        .isEqualTo(new KernelEvent.Mark(11, 14, 12, 13, MarkKind.RUNTIME_MAIN));
    event.setInt(layout.at("type"), 6);
    assertThat(StartupEvents.read(event))
        .isEqualTo(new KernelEvent.Mark(11, 14, 12, 13, MarkKind.MAIN_MAIN));
    event.setInt(layout.at("type"), 7);
    assertThat(StartupEvents.read(event)).isNull();
  }

  @Test
  void aWatchedGroupsKeyIsItsIdAndItsHierarchy() {
    Btf.Struct key = btf.struct("watched_key");

    assertThat(key.size()).isEqualTo(16);
    assertThat(key.at("cgroup_id")).isZero();
    assertThat(key.at("hierarchy")).isEqualTo(8);
  }
}
