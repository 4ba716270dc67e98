package dev.thaw.bpf.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerCgroupTest {
  private static final String UID = "2d2b0b1c-3f0e-4c57-9a7e-6b1f0a9c4d21";
  private static final String SLICE_UID = "2d2b0b1c_3f0e_4c57_9a7e_6b1f0a9c4d21";
  private static final String ID =
      "4f8d0c2b6a1e9375d8c4b2a09f7e6d5c3b1a0f9e8d7c6b5a4938271605f4e3d2";

  @ParameterizedTest
  @ValueSource(
      strings = {
        // containerd, systemd driver: burstable, best effort, guaranteed
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podSLICE.slice/cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-podSLICE.slice/cri-containerd-ID.scope",
        // containerd and Docker, cgroupfs driver
        "/kubepods/burstable/podUID/ID",
        "/kubepods/podUID/ID",
        // containerd told the systemd driver's name, working with cgroupfs
        "/system.slice/containerd.service/kubepods-burstable-podSLICE.slice:cri-containerd:ID",
        // CRI-O, systemd driver, before and since it makes a group within
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-ID.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-ID.scope/container",
        // CRI-O, cgroupfs driver
        "/kubepods/burstable/podUID/crio-ID",
        // Docker, systemd driver
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/docker-ID.scope",
        // a node that is a container itself
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podSLICE.slice/cri-containerd-ID.scope",
        "/docker/ID/kubelet/kubepods/burstable/podUID/ID",
        // the container's own groups below
        "/kubepods/burstable/podUID/ID/init.scope"
      })
  void knowsPodAndContainer(String shape) {
    String path = shape.replace("SLICE", SLICE_UID).replace("UID", UID).replace("ID", ID);

    assertThat(ContainerCgroup.parse(path)).contains(new ContainerCgroup(UID, ID));
  }

  @Test
  void aStaticPodIsNamedByTheHashOfItsManifest() {
    String hash = "0f3b6c1d9e8a7f5b4c2d1e0a9b8c7d6e";

    assertThat(ContainerCgroup.parse("/kubepods/burstable/pod" + hash + "/" + ID))
        .contains(new ContainerCgroup(hash, ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/user.slice/user-0.slice/session-3.scope",
        "/system.slice/docker-ID.scope",
        "/docker/ID",
        "/kubepods/burstable/podUID",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICE.slice/crio-conmon-ID.scope",
        "/kubepods/burstable/podUID/notacontainer",
        "/kubepods/burstable/pod1234/ID"
      })
  void whatIsNoPodsContainerIsNobodys(String shape) {
    String path = shape.replace("SLICE", SLICE_UID).replace("UID", UID).replace("ID", ID);

    assertThat(ContainerCgroup.parse(path)).isEmpty();
  }

  @Test
  void ofAProcessTheUnifiedHierarchyCountsFirst() {
    String other = ID.replace('4', '5');

    assertThat(
            ContainerCgroup.parse(
                List.of(
                    "5:cpu,cpuacct:/kubepods/burstable/pod" + UID + "/" + other,
                    "0::/kubepods/burstable/pod" + UID + "/" + ID)))
        .contains(new ContainerCgroup(UID, ID));
    assertThat(
            ContainerCgroup.parse(
                List.of("5:cpu,cpuacct:/kubepods/burstable/pod" + UID + "/" + other, "0::/")))
        .contains(new ContainerCgroup(UID, other));
  }
}
