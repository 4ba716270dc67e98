package dev.thaw.bpf;

import java.nio.file.Path;
import java.time.Duration;

/** An agent that dies at a chosen point, as by {@code kill -9}; run as a process by a test. */
final class StoppingAgent {
  /** Where it can die. */
  enum Point {
    ALIVE,
    TOLD,
    MARKED,
    /** It hangs instead, with the process waiting. */
    HUNG,
    NEVER
  }

  private StoppingAgent() {}

  /** Arguments: the folder of the pins, the control group's two ids, the point. */
  public static void main(String[] arguments) {
    var pins = new Pins(Path.of(arguments[0]));
    var point = Point.valueOf(arguments[3]);
    var watch = StartupWatch.open(pins);
    var stops = StopOnExec.open(pins, watch);
    watch.watch(Long.parseLong(arguments[1]), Long.parseLong(arguments[2]));
    watch.alive();
    System.out.println("ready");
    dieAt(point, Point.ALIVE);
    while (true) {
      watch.alive();
      watch.read(
          Duration.ofMillis(50),
          event -> {
            if (event instanceof KernelEvent.Stopped stopped) {
              dieAt(point, Point.TOLD);
              hangAt(point);
              watch.attachMarks(stopped.exec());
              dieAt(point, Point.MARKED);
              stops.goOn(stopped.exec());
            }
          });
    }
  }

  private static void hangAt(Point chosen) {
    while (chosen == Point.HUNG) {
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000_000L);
    }
  }

  private static void dieAt(Point chosen, Point here) {
    if (chosen == here) {
      Runtime.getRuntime().halt(137);
    }
  }
}
