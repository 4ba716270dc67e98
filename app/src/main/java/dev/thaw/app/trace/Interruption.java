package dev.thaw.app.trace;

import dev.thaw.app.Signals;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Ctrl-C and SIGTERM while starts are made: the first ends the start that is under way, and what
 * was measured before it counts; a second Ctrl-C ends all at once. Made and used by the thread that
 * makes the starts; {@link #first} and {@link #second} come on the signals' threads.
 */
final class Interruption {
  /** Exit code. */
  static final int INTERRUPTED = 130;

  private final Thread working = Thread.currentThread();
  private final StartRunner runner;
  private final Consumer<String> note;
  private boolean asked;
  private boolean over;

  private Interruption(StartRunner runner, Consumer<String> note) {
    this.runner = runner;
    this.note = note;
  }

  /** Listens from now on, for as long as this process lives. */
  static Interruption of(StartRunner runner, Consumer<String> note) {
    var made = new Interruption(runner, note);
    new Signals(made::first, made::second);
    return made;
  }

  /** Makes starts, one after the other. */
  @FunctionalInterface
  interface Work {
    /** Keeps no start that ends when {@link Interruption#asked} already. */
    void run() throws IOException, InterruptedException;
  }

  /**
   * Does what may be interrupted.
   *
   * @return whether it was, and so has not come to its end
   * @throws IOException its own; how an interrupted start fails does not matter
   */
  boolean during(Work work) throws IOException {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      if (!asked()) {
        throw e;
      }
    } catch (InterruptedException e) {
      Thread.interrupted(); // said by what is returned
    } finally {
      finish();
    }
    return asked();
  }

  synchronized boolean asked() {
    return asked;
  }

  /** Nobody interrupts what is done from here on: it writes what was measured. */
  private synchronized void finish() {
    over = true;
    Thread.interrupted();
  }

  private void first() {
    synchronized (this) {
      if (over) {
        return;
      }
      asked = true;
      working.interrupt();
    }
    note.accept("interrupted: the start that is under way is ended (once more: at once)");
    runner.end();
  }

  private void second() {
    runner.kill();
    Runtime.getRuntime().halt(INTERRUPTED);
  }
}
