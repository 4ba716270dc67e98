package dev.thaw.coordinator;

import dev.thaw.protocol.NodeLink;
import dev.thaw.protocol.v1.EventsLost;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.Hello;
import dev.thaw.protocol.v1.PoolReport;
import dev.thaw.protocol.v1.PressureReport;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessExited;
import dev.thaw.protocol.v1.ProcessStarted;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.Signal;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.TableApplied;
import dev.thaw.protocol.v1.ToNode;
import dev.thaw.protocol.v1.TrackPod;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A node whose processes start, listen and answer at once, and whose kernel takes every table. */
final class ScriptedNode implements AutoCloseable {
  /** How long its kernel takes for a table. */
  static final long TABLE_WAIT_NANOS = 8_000_000;

  private final NodeLink<FromNode, ToNode> link;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Map<String, TrackPod> pods = new LinkedHashMap<>();
  private final Map<String, StartRef> alive = new LinkedHashMap<>();
  private final Map<String, FromNode.Builder> ends = new HashMap<>();
  private final BlockingQueue<String> started = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
  private final BlockingQueue<ServeTable> tables = new LinkedBlockingQueue<>();
  private int starts;
  private volatile boolean stubborn;

  ScriptedNode(NodeLink<FromNode, ToNode> link) {
    this.link = link;
    link.listen(message -> thread.execute(() -> ordered(message)));
    thread.execute(this::hello);
  }

  private void hello() {
    Instant now = Instant.now();
    send(
        FromNode.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setNode("scripted")
                    .setBootId("boot")
                    .setWallOffsetNanos(
                        now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime())
                    .setSignals(true)
                    .setBalancing(true)
                    .setLimits(true)));
  }

  private void send(FromNode.Builder message) {
    link.send(message.build());
  }

  private void ordered(ToNode message) {
    switch (message.getMessageCase()) {
      case TRACK_POD -> pods.put(message.getTrackPod().getPodUid(), message.getTrackPod());
      case START_PROCESS -> start(message.getStartProcess().getPodUid());
      case END_PROCESS -> {
        if (!stubborn) {
          exit(message.getEndProcess().getPodUid(), 143);
        }
      }
      case SERVE_TABLE -> {
        ServeTable table = message.getServeTable();
        tables.add(table);
        long received = System.nanoTime();
        send(
            FromNode.newBuilder()
                .setTableApplied(
                    TableApplied.newBuilder()
                        .setWorkload(table.getWorkload())
                        .setTerm(table.getTerm())
                        .setVersion(table.getVersion())
                        .setBeganNanos(received)
                        .setAtNanos(received + TABLE_WAIT_NANOS)
                        .setFirstPickNanos(received + TABLE_WAIT_NANOS / 2)
                        .setPlane("kernel")));
      }
      default -> {
        // nothing that this node would do
      }
    }
  }

  /** Is asked for a report just before: then the end of the process before is said again. */
  private void start(String uid) {
    FromNode.Builder end = ends.get(uid);
    if (end != null) {
      send(end);
    }
    var ref = StartRef.newBuilder().setPodUid(uid).setStartId("boot:" + ++starts + ":1").build();
    alive.put(uid, ref);
    long now = System.nanoTime();
    send(
        FromNode.newBuilder()
            .setProcessStarted(
                ProcessStarted.newBuilder().setStart(ref).setPid(starts).setExecNanos(now)));
    send(
        FromNode.newBuilder()
            .setSignal(
                Signal.newBuilder()
                    .setStart(ref)
                    .setKind(Signal.Kind.LISTEN)
                    .setAtNanos(now + 1)
                    .setAddress(pods.get(uid).getAddress())
                    .setTarget(true)));
    for (int i = 1; i <= 3; i++) {
      send(
          FromNode.newBuilder()
              .setProbeReport(
                  ProbeReport.newBuilder()
                      .setStart(ref)
                      .setOutcome(ProbeReport.Outcome.SUCCESS)
                      .setSuccessesInRow(i)
                      .setSentNanos(now + i)
                      .setAnsweredNanos(now + i + 1)
                      .setProtocol("h2c")));
    }
    started.add(pods.get(uid).getPodName());
  }

  private void exit(String uid, int code) {
    StartRef ref = alive.remove(uid);
    if (ref != null) {
      ended.add(pods.get(uid).getPodName());
      var exited =
          ProcessExited.newBuilder().setStart(ref).setAtNanos(System.nanoTime()).setExitCode(code);
      ends.put(uid, FromNode.newBuilder().setProcessExited(exited));
      send(ends.get(uid));
    }
  }

  /** Tells how warm a pool of connections to each pod is. */
  void pool(int warm) {
    thread.execute(
        () ->
            alive
                .values()
                .forEach(
                    start ->
                        send(
                            FromNode.newBuilder()
                                .setPoolReport(
                                    PoolReport.newBuilder()
                                        .setStart(start)
                                        .setWarmConnections(warm)))));
  }

  /** Tells the pressure on itself and on its pods twice: what has grown in between is counted. */
  void press() {
    thread.execute(
        () -> {
          send(FromNode.newBuilder().setPressureReport(pressure(1)));
          send(FromNode.newBuilder().setPressureReport(pressure(3)));
        });
  }

  /** Tells that so many kernel events have been lost so far. */
  void lose(int total) {
    thread.execute(
        () -> send(FromNode.newBuilder().setEventsLost(EventsLost.newBuilder().setTotal(total))));
  }

  private PressureReport pressure(int total) {
    var stall =
        PressureReport.Stall.newBuilder()
            .setResource(PressureReport.Stall.Resource.MEMORY)
            .setSomeMicros(total)
            .setFullMicros(total);
    var report =
        PressureReport.newBuilder()
            .setAtNanos(System.nanoTime())
            .setIntervalNanos(1_000_000_000)
            .setRetransmits(total)
            .addStalls(stall)
            .addBlockRequests(total);
    alive.forEach(
        (uid, start) ->
            report.addPods(
                PressureReport.Pod.newBuilder()
                    .setStart(start)
                    .setPodName(pods.get(uid).getPodName())
                    .setRetransmits(total)
                    .addStalls(stall)));
    return report.build();
  }

  /** No signal ends its processes from now on. */
  void stubborn() {
    stubborn = true;
  }

  /** Every process ends by itself. */
  void endAll(int code) {
    thread.execute(() -> List.copyOf(alive.keySet()).forEach(uid -> exit(uid, code)));
  }

  /** Whether a table has come in which one pod takes its whole share. */
  boolean served() throws InterruptedException {
    for (; ; ) {
      ServeTable table = tables.poll(10, TimeUnit.SECONDS);
      if (table == null) {
        return false;
      } else if (table.getEntriesList().stream().anyMatch(entry -> entry.getWeight() == 100)) {
        return true;
      }
    }
  }

  void awaitStarted(String pod) throws InterruptedException {
    await(started, pod, "was not started");
  }

  void awaitEnded(String pod) throws InterruptedException {
    await(ended, pod, "has not ended");
  }

  private static void await(BlockingQueue<String> pods, String pod, String otherwise)
      throws InterruptedException {
    for (; ; ) {
      String name = pods.poll(10, TimeUnit.SECONDS);
      if (name == null) {
        throw new AssertionError(pod + " " + otherwise);
      } else if (name.equals(pod)) {
        return;
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
