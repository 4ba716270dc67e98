package dev.thaw.persistence;

/** How an event about a pod moves its stage; what does not fit the stage changes nothing. */
final class Transitions {

  private Transitions() {}

  static Stage confirmed(Stage stage) {
    if (stage instanceof Stage.Cold cold) {
      return new Stage.Confirmed(cold.birth().confirmed(true));
    } else if (stage instanceof Stage.Ejected ejected) {
      return new Stage.Confirmed(ejected.birth().confirmed(true));
    } else if (stage instanceof Stage.Climbing climbing) {
      return new Stage.Climbing(climbing.birth().confirmed(true), climbing.climb());
    } else if (stage instanceof Stage.Settled settled) {
      return new Stage.Settled(settled.birth().confirmed(true));
    } else if (stage instanceof Stage.Aborted aborted) {
      return new Stage.Aborted(aborted.birth().confirmed(true));
    }
    return stage;
  }

  static Stage warmed(Stage stage, WorkloadEvent.Warmed event) {
    if (stage instanceof Stage.Confirmed confirmed) {
      return event.accepted()
          ? new Stage.Confirmed(confirmed.birth().warm())
          : new Stage.Refused(confirmed.birth(), event.detail());
    } else if (stage instanceof Stage.Climbing climbing && event.accepted()) {
      return new Stage.Climbing(climbing.birth().warm(), climbing.climb());
    } else if (stage instanceof Stage.Aborted aborted && event.accepted()) {
      return new Stage.Aborted(aborted.birth().warm());
    } else if (stage instanceof Stage.Cold cold && event.accepted()) {
      return new Stage.Cold(cold.birth().warm());
    } else if (stage instanceof Stage.Ejected ejected && event.accepted()) {
      return new Stage.Ejected(ejected.birth().warm(), ejected.reason(), ejected.detail());
    } else if (stage instanceof Stage.Settled settled && event.accepted()) {
      return new Stage.Settled(settled.birth().warm());
    }
    return stage;
  }

  static Stage entered(Stage stage, WorkloadEvent.RungEntered event) {
    if (stage instanceof Stage.Climbing climbing
        && climbing.climb().cohort().equals(event.cohort())) {
      return new Stage.Climbing(
          climbing.birth(), climbing.climb().entered(event.rung(), event.weight(), event.why()));
    }
    return stage.born().<Stage>map(birth -> new Stage.Climbing(birth, first(event))).orElse(stage);
  }

  private static Climb first(WorkloadEvent.RungEntered event) {
    return new Climb(event.cohort(), event.rung(), event.weight(), event.why(), false, 0, 0, 0);
  }

  static Stage acknowledged(Stage.Climbing climbing) {
    return new Stage.Climbing(climbing.birth(), climbing.climb().acknowledged());
  }

  static Stage passed(Stage.Climbing climbing, WorkloadEvent.Passed event) {
    return new Stage.Climbing(
        climbing.birth().climbed(event.climbMillis()), climbing.climb().passed(event.inRow()));
  }

  static Stage back(Stage.Climbing climbing, WorkloadEvent.WentBack event) {
    return new Stage.Climbing(
        climbing.birth().breached(event.breaches()),
        climbing.climb().back(event.toRung(), event.weight(), event.waitMillis()));
  }

  /** Only a pod that was sent away for its evidence is still believed to answer its probe. */
  static Stage ejected(Stage stage, WorkloadEvent.Ejected event) {
    if (stage.born().isEmpty()) {
      return stage;
    }
    Birth birth = stage.born().get();
    if (event.reason().equals(Reasons.EXITED) || event.reason().equals(Reasons.ENDING)) {
      return new Stage.Ended(birth, event.reason(), event.detail());
    }
    boolean answers = birth.confirmed() && event.reason().equals(Reasons.BREACHES);
    return new Stage.Ejected(birth.confirmed(answers).climbed(0), event.reason(), event.detail());
  }

  static Stage aborted(Stage stage) {
    if (stage instanceof Stage.Ended) {
      return stage;
    }
    return stage.born().<Stage>map(birth -> new Stage.Aborted(birth.climbed(0))).orElse(stage);
  }

  static Stage retried(Stage stage) {
    if (stage instanceof Stage.Ended || stage.born().isEmpty()) {
      return stage;
    }
    Birth birth = stage.born().get().again();
    return birth.confirmed() ? new Stage.Confirmed(birth) : new Stage.Cold(birth);
  }
}
