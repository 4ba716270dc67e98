package dev.thaw.app;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.coordinator.local.LocalRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one run keeps on disk. Blocking; for one thread, but for {@link #remember}. */
final class StateFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  /** What a run makes here, beside its journal. */
  private static final Set<String> OURS = Set.of(LOCK, "logs", "token", "admin.json", "run.json");

  private final Path path;
  private final JsonPage adminPage;
  private final JsonPage runPage;
  private @Nullable Footprint before;
  private @Nullable FileChannel channel;
  private @Nullable FileLock lock;

  StateFolder(Path path) {
    this.path = path;
    this.adminPage = new JsonPage(path.resolve("admin.json"));
    this.runPage = new JsonPage(path.resolve("run.json"));
  }

  /** What a run has said of itself. */
  record Admin(URI url, long pid) {}

  /** What a run consists of, as far as a successor must know. */
  record Run(String runId, int nextIndex, List<LocalRun.Adopted> pods) {
    /** Nothing that is known of. */
    static final Run NONE = new Run("", 0, List.of());
  }

  static boolean isRoot() {
    return ProcessHandle.current().info().user().filter("root"::equals).isPresent();
  }

  /** Below which the folders of all policies lie, by default. */
  static Path home() {
    if (isRoot()) {
      return Path.of("/var/lib/thaw");
    }
    String state = System.getenv("XDG_STATE_HOME");
    return (state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state))
        .resolve("thaw");
  }

  /** The folders below {@link #home} whose run is alive. */
  static List<StateFolder> live() {
    try (Stream<Path> folders = Files.list(home())) {
      return folders.map(StateFolder::new).filter(StateFolder::alive).toList();
    } catch (IOException e) {
      return List.of(); // nobody has ever run here
    }
  }

  /**
   * That of a run, as somebody named it.
   *
   * @throws Refusal unless it is a folder
   */
  static StateFolder named(Path path) {
    Path whole = path.toAbsolutePath().normalize();
    String why = "not a folder";
    try {
      if (Files.readAttributes(whole, BasicFileAttributes.class).isDirectory()) {
        return new StateFolder(whole);
      }
    } catch (IOException e) {
      why = FileTrouble.why(e);
    }
    throw Refusal.usage("--state: %s: %s (accepted: a run's state folder)".formatted(whole, why));
  }

  Path path() {
    return path;
  }

  Path journal() {
    return path.resolve("journal.mv.db");
  }

  Path logs() {
    return path.resolve("logs");
  }

  /**
   * Makes the folder and locks it for this process.
   *
   * @throws Refusal naming the process that has it
   */
  void lock() {
    try {
      before = Footprint.before(path);
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(logs());
      channel =
          FileChannel.open(
              path.resolve(LOCK),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      lock = channel.tryLock();
      if (lock == null) {
        throw Refusal.now(
            "the state folder %s is in use by process %s; choose another with --state"
                .formatted(path, holder()));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)),
          0);
    } catch (IOException e) {
      throw Refusal.now(
          "the state folder %s cannot be used: %s (accepted: a folder of this user's, or the name of a new one)"
              .formatted(path, FileTrouble.sentence(e)));
    }
  }

  /** Takes away what the lock's holder has made here, which is going to be refused. */
  void leaveNoTrace() {
    if (before != null && lock != null) {
      before.remove(StateFolder::isOurs);
    }
  }

  private static boolean isOurs(String name) {
    return OURS.contains(name) || name.startsWith("journal");
  }

  private boolean alive() {
    try (FileChannel other =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      FileLock free = other.tryLock();
      if (free == null) {
        return true;
      }
      free.release();
      return false;
    } catch (IOException e) {
      return false; // no run has been here, or it is somebody else's
    }
  }

  private String holder() {
    try {
      return Files.readString(path.resolve(LOCK)).strip();
    } catch (IOException e) {
      return "(unknown)";
    }
  }

  /** The token that verbs carry; made when there is none. */
  String token() {
    Path file = path.resolve("token");
    try {
      String known = Files.exists(file) ? Files.readString(file).strip() : "";
      if (!known.isEmpty()) {
        return known;
      }
      var random = new byte[32];
      new SecureRandom().nextBytes(random);
      String fresh = HexFormat.of().formatHex(random);
      Path whole = path.resolve("token.new"); // moved at once: a token is never seen half written
      Files.deleteIfExists(whole);
      Files.createFile(
          whole,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(whole, fresh + "\n");
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return fresh;
    } catch (IOException e) {
      throw Refusal.now(
          "the token %s cannot be read or made: %s".formatted(file, FileTrouble.why(e)));
    }
  }

  /** Where verbs of other processes find this one. */
  void admin(URI url) {
    var line = new LinkedHashMap<String, Object>();
    line.put("url", url.toString());
    line.put("pid", ProcessHandle.current().pid());
    adminPage.write(line);
  }

  /** Empty when no run has said where it is. */
  Optional<Admin> admin() {
    return adminPage
        .read()
        .map(
            page -> {
              String url = page.path("url").asText();
              URI uri =
                  AdminClient.url(url)
                      .orElseThrow(
                          () -> adminPage.damaged(": url", JsonPage.shown(url), AdminClient.URLS));
              return new Admin(uri, page.path("pid").asLong());
            });
  }

  /** Remembers what the run consists of, beyond a crash. Any thread. */
  void remember(Run run) {
    var page = new LinkedHashMap<String, Object>();
    page.put("run_id", run.runId());
    page.put("next_index", run.nextIndex());
    var pods = new ArrayList<Map<String, Object>>();
    for (LocalRun.Adopted pod : run.pods()) {
      var line = new LinkedHashMap<String, Object>();
      line.put("uid", pod.uid().value());
      line.put("name", pod.name().value());
      line.put("host", pod.endpoint().host());
      line.put("port", pod.endpoint().port());
      pods.add(line);
    }
    page.put("pods", pods);
    runPage.write(page);
  }

  /** What a killed run consisted of; empty when the last one ended in order, or there was none. */
  Optional<Run> killed() {
    return runPage
        .read()
        .map(
            page -> {
              var pods = new ArrayList<LocalRun.Adopted>();
              page.path("pods")
                  .forEach(
                      pod ->
                          pods.add(
                              new LocalRun.Adopted(
                                  new PodUid(pod.path("uid").asText()),
                                  new PodName(pod.path("name").asText()),
                                  new Endpoint(
                                      pod.path("host").asText(), pod.path("port").asInt()))));
              return new Run(page.path("run_id").asText(), page.path("next_index").asInt(), pods);
            });
  }

  /** The run has ended in order: nothing is left of it to adopt. */
  void ended() {
    runPage.delete();
    adminPage.delete();
  }

  /** A new run decides anew; what the last one decided stays readable beside it. */
  void setJournalAside() {
    try {
      if (Files.exists(journal())) {
        Files.move(
            journal(),
            path.resolve("journal.previous.mv.db"),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.ATOMIC_MOVE);
        before = null; // what was set aside has a new name, but is no trace of this run
      }
    } catch (IOException e) {
      throw Refusal.now(
          "the journal %s cannot be set aside: %s".formatted(journal(), FileTrouble.why(e)));
    }
  }

  @Override
  public void close() {
    try {
      if (lock != null) {
        lock.release();
      }
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
