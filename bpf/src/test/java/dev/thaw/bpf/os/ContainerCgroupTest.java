package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerCgroupTest {
  private static final String UID = "2d2b0b1c-3f0e-4c57-9a7e-6b1f0a9c4d21";
  private static final String SLICE_UID = "2d2b0b1c_3f0e_4c57_9a7e_6b1f0a9c4d21";
  private static final String ID =
      "4f8d0c2b6a1e9375d8c4b2a09f7e6d5c3b1a0f9e8d7c6b5a4938271605f4e3d2";
  private static final String OTHER = ID.replace('4', '5');

  @ParameterizedTest
  @CsvSource({
    // systemd driver: burstable, best effort, guaranteed
    "containerd, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
    "containerd, /kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podSLICE.slice/cri-containerd-ID.scope",
    "containerd, /kubepods.slice/kubepods-podSLICE.slice/cri-containerd-ID.scope",
    "docker, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/docker-ID.scope",
    // CRI-O before and since it makes a group within
    "cri-o, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-ID.scope",
    "cri-o, /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-ID.scope/container",
    // cgroupfs driver: containerd and Docker do not say who they are
    "'', /kubepods/burstable/podUID/ID",
    "'', /kubepods/podUID/ID",
    "cri-o, /kubepods/burstable/podUID/crio-ID",
    // containerd told the systemd driver's name, working with cgroupfs
    "containerd, /system.slice/containerd.service/kubepods-burstable-podSLICE.slice:cri-containerd:ID",
    // a node that is a container itself
    "containerd, /kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
    "'', /docker/OTHER/kubelet/kubepods/burstable/podUID/ID",
    // groups that a container makes within itself
    "'', /kubepods/burstable/podUID/ID/init.scope",
    "containerd, /kubepods.slice/kubepods-podSLICE.slice/cri-containerd-ID.scope/thaw/orders/orders-0",
    // a container in a pod's container
    "docker, /kubepods/burstable/podUID/OTHER/docker/ID"
  })
  void knowsPodAndContainer(String runtime, String shape) {
    assertThat(ContainerCgroup.parse(path(shape))).contains(new ContainerCgroup(ID, runtime, UID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/system.slice/docker-ID.scope",
        "/docker/ID",
        "/docker/ID/thaw/orders/orders-0",
      })
  void withoutKubernetesDockersContainersAreKnownToo(String shape) {
    assertThat(ContainerCgroup.parse(path(shape))).contains(new ContainerCgroup(ID, "docker", ""));
  }

  private static String path(String shape) {
    return shape
        .replace("SLICE", SLICE_UID)
        .replace("UID", UID)
        .replace("OTHER", OTHER)
        .replace("ID", ID);
  }

  @Test
  void aStaticPodIsNamedByTheHashOfItsManifest() {
    String hash = "0f3b6c1d9e8a7f5b4c2d1e0a9b8c7d6e";

    assertThat(ContainerCgroup.parse("/kubepods/burstable/pod" + hash + "/" + ID))
        .contains(new ContainerCgroup(ID, "", hash));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/user.slice/user-0.slice/session-3.scope",
        "/process/ID",
        "/kubepods/burstable/podUID",
        "/docker/OTHER/kubelet/kubepods/burstable/podUID",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-conmon-ID.scope",
        "/kubepods/burstable/podUID/notacontainer",
        "/kubepods/burstable/pod1234/ID"
      })
  void whatIsNoContainerIsNobodys(String shape) {
    assertThat(ContainerCgroup.parse(path(shape))).isEmpty();
  }

  @Test
  void ofAProcessTheUnifiedHierarchyCountsFirst() {
    assertThat(
            ContainerCgroup.parse(
                List.of(
                    "5:cpu,cpuacct:/kubepods/burstable/pod" + UID + "/" + OTHER,
                    "0::/kubepods/burstable/pod" + UID + "/" + ID)))
        .contains(new ContainerCgroup(ID, "", UID));
    assertThat(
            ContainerCgroup.parse(
                List.of("5:cpu,cpuacct:/kubepods/burstable/pod" + UID + "/" + OTHER, "0::/")))
        .contains(new ContainerCgroup(OTHER, "", UID));
  }
}
