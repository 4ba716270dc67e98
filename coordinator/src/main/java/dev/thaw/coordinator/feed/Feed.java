package dev.thaw.coordinator.feed;

import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.StartId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Puts what actors see and decide on one time line per pod and hands it to whoever follows. In
 * memory only: the journal holds the decisions, the node can be asked for the signals.
 */
public final class Feed extends AbstractBehavior<Feed.Command> {
  /** What the feed is told. */
  public sealed interface Command {}

  /** A pod has a name. */
  public record Named(PodUid pod, PodName name) implements Command {}

  /** A pod's process was started; {@code execNanos} by its node's monotonic clock. */
  public record Born(PodUid pod, StartId start, long execNanos) implements Command {}

  /** What to add to the node's monotonic clock to get wall nanoseconds. */
  public record ClockOffset(long wallOffsetNanos) implements Command {}

  /** Something a node saw; {@code atNanos} by its monotonic clock, empty for now. */
  public record Seen(PodUid pod, String event, OptionalLong atNanos, Map<String, Object> fields)
      implements Command {}

  /** Something decided about a pod. */
  public record Decided(PodUid pod, String event, Instant at, Map<String, Object> fields)
      implements Command {
    public Decided {
      fields = new LinkedHashMap<>(fields);
    }
  }

  /** Something that is about no pod. */
  public record Said(String event, Map<String, Object> fields) implements Command {}

  /** {@code follower} hears every later event, on the feed's thread: it must only hand it on. */
  public record Follow(Object key, Consumer<FeedEvent> follower) implements Command {}

  public record Unfollow(Object key) implements Command {}

  /** Asks for a pod's lines, oldest first. */
  public record History(PodUid pod, ActorRef<List<FeedEvent>> replyTo) implements Command {}

  /** One pod's time line. */
  private static final class Line {
    final List<FeedEvent> events = new ArrayList<>();

    /** Where its present start begins among them. */
    int begins;

    String name = "";
    @Nullable StartId start;
    OptionalLong execNanos = OptionalLong.empty();
    final Map<Object, Long> execsByPid = new HashMap<>();
    boolean listened;

    /**
     * Which line goes: the oldest of an earlier start, else the oldest behind those with which the
     * present one begins. What came long after it does not push out how it started.
     */
    int superfluous(int kept) {
      if (begins > 0) {
        begins--;
        return 0;
      }
      return kept / 2;
    }
  }

  private final Map<PodUid, Line> lines = new HashMap<>();
  private final Map<Object, Consumer<FeedEvent>> followers = new LinkedHashMap<>();
  private final FeedSettings settings;
  private long wallOffset;

  private Feed(ActorContext<Command> context, FeedSettings settings) {
    super(context);
    this.settings = settings;
    Instant now = Instant.now();
    wallOffset = nanosOf(now) - System.nanoTime();
  }

  public static Behavior<Command> create(FeedSettings settings) {
    return Behaviors.setup(context -> new Feed(context, settings));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Named.class,
            named -> {
              line(named.pod()).name = named.name().value();
              return this;
            })
        .onMessage(Born.class, this::onBorn)
        .onMessage(
            ClockOffset.class,
            offset -> {
              wallOffset = offset.wallOffsetNanos();
              return this;
            })
        .onMessage(Seen.class, this::onSeen)
        .onMessage(Decided.class, this::onDecided)
        .onMessage(
            Said.class,
            said -> {
              hand(
                  new FeedEvent(
                      said.event(), "", Instant.now(), OptionalDouble.empty(), said.fields()));
              return this;
            })
        .onMessage(
            Follow.class,
            follow -> {
              followers.put(follow.key(), follow.follower());
              return this;
            })
        .onMessage(
            Unfollow.class,
            gone -> {
              followers.remove(gone.key());
              return this;
            })
        .onMessage(
            History.class,
            ask -> {
              ask.replyTo().tell(new ArrayList<>(line(ask.pod()).events));
              return this;
            })
        .build();
  }

  private Behavior<Command> onBorn(Born born) {
    Line line = line(born.pod());
    if (!born.start().equals(line.start)) {
      line.start = born.start();
      line.execNanos = OptionalLong.of(born.execNanos());
      line.execsByPid.clear();
      line.listened = false;
      line.begins = line.events.size();
    }
    return this;
  }

  /**
   * Times count from the last exec before the listener: wrappers are not the program's start. Nor
   * is a helper's exec: where it is known which process listens, its own counts.
   */
  private Behavior<Command> onSeen(Seen seen) {
    Line line = line(seen.pod());
    long at =
        seen.atNanos().isPresent()
            ? seen.atNanos().getAsLong()
            : nanosOf(Instant.now()) - wallOffset;
    Object pid = seen.fields().getOrDefault("pid", 0);
    if (seen.event().equals("exec") && !line.listened) {
      line.execNanos = OptionalLong.of(at);
      line.execsByPid.put(pid, at);
    } else if (seen.event().equals("listen") && !line.listened) {
      Long own = line.execsByPid.get(pid);
      line.execNanos = own == null ? line.execNanos : OptionalLong.of(own);
      line.listened = true;
    }
    add(line, seen.event(), instant(at + wallOffset), seen.fields());
    return this;
  }

  private Behavior<Command> onDecided(Decided decided) {
    add(line(decided.pod()), decided.event(), decided.at(), decided.fields());
    return this;
  }

  private void add(Line line, String event, Instant at, Map<String, Object> fields) {
    OptionalDouble since =
        line.execNanos.isPresent()
            ? OptionalDouble.of((nanosOf(at) - wallOffset - line.execNanos.getAsLong()) / 1e6)
            : OptionalDouble.empty();
    var said = new FeedEvent(event, line.name, at, since, fields);
    line.events.add(said);
    if (line.events.size() > settings.kept()) {
      line.events.remove(line.superfluous(settings.kept()));
    }
    hand(said);
  }

  private void hand(FeedEvent event) {
    followers.values().forEach(follower -> follower.accept(event));
  }

  private Line line(PodUid pod) {
    return lines.computeIfAbsent(pod, unknown -> new Line());
  }

  private static long nanosOf(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
  }

  private static Instant instant(long wallNanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(wallNanos, 1_000_000_000L), Math.floorMod(wallNanos, 1_000_000_000L));
  }
}
