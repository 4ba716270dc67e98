package dev.thaw.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one run keeps on disk. Blocking; for one thread, but for {@link #remember}. */
final class StateFolder implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LOCK = "lock";

  private final Path path;
  private @Nullable FileChannel channel;
  private @Nullable FileLock lock;

  StateFolder(Path path) {
    this.path = path;
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
      throw Refusal.now("the state folder " + path + " cannot be used: " + e);
    }
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
      throw Refusal.now("the token " + file + " cannot be read or made: " + e);
    }
  }

  /** Where verbs of other processes find this one. */
  void admin(URI url) {
    var line = new LinkedHashMap<String, Object>();
    line.put("url", url.toString());
    line.put("pid", ProcessHandle.current().pid());
    write("admin.json", line);
  }

  /** Empty when no run has said where it is. */
  Optional<Admin> admin() {
    return read("admin.json")
        .map(page -> new Admin(URI.create(page.path("url").asText()), page.path("pid").asLong()));
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
    write("run.json", page);
  }

  /** What a killed run consisted of; empty when the last one ended in order, or there was none. */
  Optional<Run> killed() {
    return read("run.json")
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
    try {
      Files.deleteIfExists(path.resolve("run.json"));
      Files.deleteIfExists(path.resolve("admin.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
      }
    } catch (IOException e) {
      throw Refusal.now("the journal " + journal() + " cannot be set aside: " + e);
    }
  }

  private void write(String name, Map<String, Object> page) {
    try {
      Path fresh = path.resolve(name + ".new");
      try (FileChannel file =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.wrap(JSON.writeValueAsBytes(page)));
        file.force(true);
      }
      Files.move(
          fresh,
          path.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<JsonNode> read(String name) {
    Path file = path.resolve(name);
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw Refusal.now(
          "%s is damaged (%s); move it away once nothing of its run is alive"
              .formatted(file, e.getOriginalMessage()));
    } catch (IOException e) {
      throw Refusal.now(file + " cannot be read: " + e);
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
