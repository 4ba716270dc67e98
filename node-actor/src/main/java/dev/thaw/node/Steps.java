package dev.thaw.node;

import dev.thaw.protocol.v1.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which of a start's signals are told: a pod may run thousands of helpers, before it listens and
 * for ever after, and its start must not drown in them. The first are told; of the others the last
 * of each process waits until that process turns out to be the one that listens. Pure; one thread.
 */
final class Steps {
  /** Before it listens, and then of the process that listens. */
  static final int TOLD = 64;

  private static final int PROCESSES = 256;
  private static final int OF_ONE_PROCESS = 8;

  private final int mainPid;
  private final Map<Integer, List<Signal>> held =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, List<Signal>> eldest) {
          return size() > PROCESSES;
        }
      };
  private int told;
  private boolean listens;
  private int listener;

  /**
   * @param mainPid taken for the listener where nobody says which process it is
   */
  Steps(int mainPid) {
    this.mainPid = mainPid;
  }

  /** What is to be told now, in this order. */
  List<Signal> next(Signal signal) {
    return switch (signal.getKind()) {
      case LISTEN -> signal.getTarget() ? listening(signal) : List.of(signal);
      case LISTEN_CLOSED -> {
        listens &= !signal.getTarget();
        yield List.of(signal);
      }
      default -> step(signal);
    };
  }

  private List<Signal> listening(Signal signal) {
    listens = true;
    listener = signal.getPid() == 0 ? mainPid : signal.getPid();
    told = 0;
    var now = new ArrayList<Signal>();
    List<Signal> before = held.remove(listener);
    if (before != null) {
      now.addAll(before);
    }
    now.add(signal);
    return now;
  }

  private List<Signal> step(Signal signal) {
    if (told < TOLD && (!listens || signal.getPid() == listener)) {
      told++;
      return List.of(signal);
    }
    hold(signal);
    return List.of();
  }

  private void hold(Signal signal) {
    if (held.getOrDefault(signal.getPid(), List.of()).contains(signal)) {
      return; // the kernel's rows tell what the ring has told
    }
    if (signal.getKind() == Signal.Kind.EXEC) {
      held.remove(signal.getPid());
    }
    List<Signal> ofProcess = held.computeIfAbsent(signal.getPid(), unused -> new ArrayList<>());
    if (ofProcess.size() < OF_ONE_PROCESS) {
      ofProcess.add(signal);
    }
  }
}
