package dev.thaw.persistence;

import java.util.Optional;

/** What a member of a workload is, by decision; one record per situation. */
public sealed interface Stage {

  /** The start this is about, once there is one. */
  default Optional<Birth> born() {
    return Optional.empty();
  }

  /** Per cent of its fair share that it is given, 0 to 100. */
  default int weight() {
    return 0;
  }

  /** Known, but no process of it has been seen. */
  record Awaited() implements Stage {}

  /** A process runs and has not proven that it serves. */
  record Cold(Birth birth) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }

  /** It answers its probe; warm-up requests may be due, the ladder has not begun. */
  record Confirmed(Birth birth) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }

  /** Too many warm-up requests failed: no traffic until an operator says otherwise. */
  record Refused(Birth birth, String detail) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }

  /** On the ladder, the watch of the last rung included. */
  record Climbing(Birth birth, Climb climb) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }

    @Override
    public int weight() {
      return climb.weight();
    }
  }

  /** Full, and no longer watched. */
  record Settled(Birth birth) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }

    @Override
    public int weight() {
      return Workload.FULL;
    }
  }

  /** Lost its traffic; see {@link Reasons} for what brings it back. */
  record Ejected(Birth birth, String reason, String detail) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }

  /** The process is dead or about to be; only another start can follow. */
  record Ended(Birth birth, String reason, String detail) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }

  /** An operator keeps it at no traffic. */
  record Aborted(Birth birth) implements Stage {
    @Override
    public Optional<Birth> born() {
      return Optional.of(birth);
    }
  }
}
