package dev.thaw.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.bpf.os.Cgroup;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.os.Spawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** When a process of several threads is told to have ended. */
@Tag("root")
@ExtendWith(NeedsKernel.class)
class ProcessEndIT {
  private static final long ME = ProcessHandle.current().pid();

  /** Its first thread ends at once; another listens then, and ends the process with 7. */
  private static final String OUTLIVED =
      """
      #include <arpa/inet.h>
      #include <pthread.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/socket.h>
      #include <unistd.h>
      static char first_state(void)
      {
      	char page[512] = "", *state;
      	FILE *file = fopen("/proc/self/stat", "r");
      	if (!file || !fgets(page, sizeof(page), file) || fclose(file) || !(state = strrchr(page, ')')))
      		exit(1);
      	return state[2];
      }
      static void *serve(void *unused)
      {
      	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000009) };
      	while (first_state() != 'Z')
      		usleep(1000);
      	int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
      	if (bind(socket_fd, (void *)&at, sizeof(at)) || listen(socket_fd, 1))
      		exit(2);
      	exit(7);
      }
      int main(void)
      {
      	pthread_t thread;
      	pthread_create(&thread, 0, serve, 0);
      	pthread_exit(0);
      }
      """;

  /** Forty threads that all end when it does. */
  private static final String CROWD =
      """
      #include <pthread.h>
      #include <stdlib.h>
      #include <unistd.h>
      static void *wait_for_ever(void *unused)
      {
      	pause();
      	return unused;
      }
      int main(void)
      {
      	pthread_t thread;
      	for (int i = 0; i < 40; i++)
      		pthread_create(&thread, 0, wait_for_ever, 0);
      	exit(3);
      }
      """;

  @TempDir Path folder;
  private final Pins pins = new Pins(Path.of("/sys/fs/bpf/thaw-test-end-" + ME));
  private final Cgroup cgroup = Cgroup.of(CgroupLayout.detect(), "thaw-test-end-" + ME);
  private final List<KernelEvent> seen = new ArrayList<>();
  private StartupWatch watch;

  @BeforeEach
  void open() {
    cgroup.create();
    watch = StartupWatch.open(pins);
    watch.watch(cgroup.unifiedId(), cgroup.v1Id());
  }

  @AfterEach
  void remove() throws Exception {
    watch.close();
    pins.removeAll();
    for (int i = 0; i < 200 && !cgroup.delete(); i++) {
      Thread.sleep(10);
    }
  }

  @Test
  void aProcessLivesOnWhenItsFirstThreadEnds() throws Exception {
    Path program = compiled("outlived", OUTLIVED);

    assertThat(run(program)).isEqualTo(7);

    assertThat(seen)
        .extracting(event -> event.getClass().getSimpleName())
        .containsSubsequence("Exec", "Listen", "Exit")
        .containsOnlyOnce("Exit");
    assertThat(codes()).containsExactly(7 << 8);
  }

  @Test
  void aProcessWhoseThreadsEndTogetherEndsOnce() throws Exception {
    Path program = compiled("crowd", CROWD);

    for (int i = 0; i < 50; i++) {
      assertThat(run(program)).isEqualTo(3);
    }

    assertThat(codes()).hasSize(50).containsOnly(3 << 8);
  }

  @Test
  void aTraceFollowsAProcessToItsLastThread() throws Exception {
    var traced = new ArrayList<ProfileEvent>();
    try (var profile = StartProfile.open(cgroup.unifiedId(), cgroup.v1Id(), 0)) {
      run(compiled("outlived", OUTLIVED));
      profile.read(Duration.ZERO, traced::add);
    }

    assertThat(traced)
        .extracting(event -> event.getClass().getSimpleName())
        .containsSubsequence("Exec", "Listen", "Exit")
        .containsOnlyOnce("Exit");
    assertThat(traced)
        .filteredOn(ProfileEvent.Exit.class::isInstance)
        .extracting(event -> ((ProfileEvent.Exit) event).status())
        .containsExactly(7 << 8);
  }

  private List<Integer> codes() {
    return seen.stream()
        .filter(KernelEvent.Exit.class::isInstance)
        .map(event -> ((KernelEvent.Exit) event).status())
        .toList();
  }

  private Path compiled(String name, String source) throws IOException, InterruptedException {
    Path text = Files.writeString(folder.resolve(name + ".c"), source);
    Path program = folder.resolve(name);
    Process cc =
        new ProcessBuilder("cc", "-Wall", "-Werror", "-pthread", text + "", "-o", program + "")
            .redirectErrorStream(true)
            .start();
    String said = new String(cc.getInputStream().readAllBytes());
    assertThat(cc.waitFor()).as(said).isZero();
    return program;
  }

  /** Its exit code; what it did has been read. */
  private int run(Path program) throws IOException, InterruptedException {
    Process process =
        Spawner.start(
            new Spawner.Command(
                List.of(program.toString()),
                Map.of(),
                folder,
                folder.resolve("log"),
                Optional.of(cgroup)));
    int code = process.waitFor();
    while (watch.read(Duration.ZERO, seen::add) > 0) {
      continue;
    }
    return code;
  }
}
