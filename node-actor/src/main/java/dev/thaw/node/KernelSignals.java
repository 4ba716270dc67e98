package dev.thaw.node;

import dev.thaw.bpf.BpfException;
import dev.thaw.bpf.ImageMarks;
import dev.thaw.bpf.KernelEvent;
import dev.thaw.bpf.Pins;
import dev.thaw.bpf.StartupWatch;
import dev.thaw.bpf.StopOnExec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Signals by programs in the kernel, which go on while no node lives. */
final class KernelSignals implements SignalSource {
  /** Well below the silence after which the kernel stops nobody for us any more (500 ms). */
  private static final Duration SIGN_OF_LIFE = Duration.ofMillis(50);

  private final Pins pins;
  private final StartupWatch watch;
  private final Optional<StopOnExec> stops;
  private long signOfLife = System.nanoTime() - SIGN_OF_LIFE.toNanos();

  private KernelSignals(Pins pins, StartupWatch watch, Optional<StopOnExec> stops) {
    this.pins = pins;
    this.watch = watch;
    this.stops = stops;
  }

  /**
   * Takes over what is pinned here, or begins.
   *
   * @param unstopped told why processes cannot be stopped at their first start; the rest works
   * @throws BpfException when the kernel refuses
   */
  static KernelSignals open(Pins pins, FirstStart firstStart, Consumer<String> unstopped) {
    StartupWatch watch = StartupWatch.open(pins);
    try {
      return new KernelSignals(pins, watch, stops(pins, watch, firstStart, unstopped));
    } catch (RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  private static Optional<StopOnExec> stops(
      Pins pins, StartupWatch watch, FirstStart firstStart, Consumer<String> unstopped) {
    if (firstStart == FirstStart.STOP) {
      try {
        return Optional.of(StopOnExec.open(pins, watch));
      } catch (BpfException e) {
        unstopped.accept("processes cannot be stopped at their first start: " + e.getMessage());
      }
    }
    StopOnExec.remove(pins); // a predecessor's
    return Optional.empty();
  }

  @Override
  public void read(Duration atMost, Consumer<KernelEvent> sink) {
    long now = System.nanoTime();
    if (now - signOfLife >= SIGN_OF_LIFE.toNanos()) { // not for every event
      signOfLife = now;
      watch.alive();
    }
    watch.read(atMost, sink);
  }

  @Override
  public long lost() {
    return watch.lost();
  }

  @Override
  public void watch(ProcessIndex.Group group) {
    watch.watch(group.unifiedId(), group.v1Id());
  }

  @Override
  public void unwatch(ProcessIndex.Group group) {
    watch.unwatch(group.unifiedId(), group.v1Id());
  }

  @Override
  public List<KernelEvent> recall(ProcessIndex.Group group) {
    return watch.recall(group.unifiedId(), group.v1Id());
  }

  @Override
  public List<KernelEvent> recallEnded(ProcessIndex.Group group) {
    return watch.recallEnded(group.unifiedId(), group.v1Id());
  }

  @Override
  public ImageMarks mark(Path image) {
    return watch.attachMarks(image);
  }

  @Override
  public ImageMarks mark(KernelEvent.Exec exec) {
    return watch.attachMarks(exec);
  }

  @Override
  public void dropChanged() {
    watch.dropChanged();
  }

  @Override
  public boolean goOn(KernelEvent.Exec stop) {
    return stops.map(stopping -> stopping.goOn(stop)).orElse(true);
  }

  @Override
  public void unpin() {
    pins.removeAll();
  }

  @Override
  public void close() {
    stops.ifPresent(StopOnExec::close);
    watch.close();
  }
}
