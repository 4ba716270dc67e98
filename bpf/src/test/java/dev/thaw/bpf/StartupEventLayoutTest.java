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
  private static final int FIRST_MARK = 5;
  private static final int STOPPED = 9;
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

    assertThat(StartupEvents.read(event)).isEqualTo(exec());
    event.setInt(layout.at("type"), STOPPED);
    assertThat(StartupEvents.read(event)).isEqualTo(new KernelEvent.Stopped(exec()));
  }

  private static KernelEvent.Exec exec() {
    return new KernelEvent.Exec(11, 14, 15, 12, 13, 160_000_000, new ImageId(17, 18), "/bin/true");
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
    for (MarkKind kind : MarkKind.values()) {
      event.setInt(layout.at("type"), FIRST_MARK + kind.ordinal());
      assertThat(StartupEvents.read(event)).isEqualTo(new KernelEvent.Mark(11, 14, 12, 13, kind));
    }
    event.setInt(layout.at("type"), 99);
    assertThat(StartupEvents.read(event)).isNull();
  }

  @Test
  void theRowsOthersReadLieAsTheReferenceSays() {
    Btf.Struct row = btf.struct("startup_state");
    Btf.Struct header = btf.struct("startup_header");

    assertThat(row.size()).isEqualTo(128);
    assertThat(row.offsets())
        .containsEntry("cgroup_id", 0)
        .containsEntry("cgroup_v1_id", 8)
        .containsEntry("image_inode", 16)
        .containsEntry("image_device", 24)
        .containsEntry("flags", 28)
        .containsEntry("execs", 32)
        .containsEntry("listeners", 36)
        .containsEntry("family", 40)
        .containsEntry("port", 42)
        .containsEntry("address", 48)
        .containsEntry("exec_ns", 64)
        .containsEntry("runtime_main_ns", 72)
        .containsEntry("main_main_ns", 80)
        .containsEntry("net_http_serve_ns", 88)
        .containsEntry("grpc_serve_ns", 96)
        .containsEntry("listen_ns", 104)
        .containsEntry("listen_closed_ns", 112)
        .containsEntry("exit_ns", 120);
    assertThat(btf.struct("startup_key").offsets())
        .containsEntry("start_boot_ns", 0)
        .containsEntry("pid", 8);
    assertThat(header.size()).isEqualTo(32);
    assertThat(header.offsets())
        .containsEntry("abi", 0)
        .containsEntry("key_size", 4)
        .containsEntry("value_size", 8)
        .containsEntry("capacity", 12)
        .containsEntry("agent_seen_ns", 16)
        .containsEntry("agent_pid", 24);
  }

  @Test
  void aWatchedGroupsKeyIsItsIdAndItsHierarchy() {
    Btf.Struct key = btf.struct("watched_key");

    assertThat(key.size()).isEqualTo(16);
    assertThat(key.at("cgroup_id")).isZero();
    assertThat(key.at("hierarchy")).isEqualTo(8);
  }
}
