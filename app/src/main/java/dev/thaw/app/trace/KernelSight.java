package dev.thaw.app.trace;

import dev.thaw.bpf.ProfileEvent;
import dev.thaw.bpf.StartProfile;
import dev.thaw.bpf.Symboliser;
import dev.thaw.bpf.os.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Owns a profile and the thread that reads it. */
final class KernelSight implements Sight {
  private static final Duration READ_EVERY = Duration.ofMillis(10);

  private final StartProfile profile;
  private final Symboliser symboliser;
  private final OptionalInt port;
  private final List<Seen> seen = new ArrayList<>(); // the reader's until it has ended
  private final CompletableFuture<Listening> listening = new CompletableFuture<>();
  private final List<String> lost = new ArrayList<>();
  private final Thread reader = new Thread(this::read, "profile");
  private volatile boolean ends;

  /** Takes over the profile; {@code symboliser} is the reader's until {@link #finish}. */
  KernelSight(StartProfile profile, Symboliser symboliser, OptionalInt port) {
    this.profile = profile;
    this.symboliser = symboliser;
    this.port = port;
    this.lost.addAll(profile.missing());
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try {
      while (!ends) {
        profile.read(READ_EVERY, this::keep);
      }
      profile.read(Duration.ZERO, this::keep);
    } catch (RuntimeException | OutOfMemoryError e) { // nobody is to wait for a reader that is gone
      lost.add("kernel events after " + seen.size() + " of them: " + e);
      listening.completeExceptionally(e);
    }
  }

  private void keep(ProfileEvent event) {
    int space = -1;
    if (event instanceof ProfileEvent.Exec exec) {
      symboliser.execed(exec.pid());
    } else if (event instanceof ProfileEvent.Sample sample) {
      space = symboliser.notice(sample.pid(), sample.user());
    } else if (event instanceof ProfileEvent.Listen listen
        && (port.isEmpty() || port.getAsInt() == listen.address().getPort())) {
      listening.complete(new Listening(listen.address(), listen.atNanos()));
    }
    seen.add(new Seen(event, space));
  }

  @Override
  public CompletableFuture<Listening> listening() {
    return listening;
  }

  @Override
  public List<Seen> finish() {
    awaitReader();
    long full = profile.lost();
    if (full > 0) {
      lost.add(full + " kernel events: the ring buffer was full");
    }
    return seen;
  }

  @Override
  public List<String> lost() {
    return lost;
  }

  @Override
  public void close() {
    awaitReader();
    profile.close();
  }

  private void awaitReader() {
    ends = true;
    Threads.join(reader);
  }
}
