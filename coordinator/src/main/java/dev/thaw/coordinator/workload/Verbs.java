package dev.thaw.coordinator.workload;

import dev.thaw.config.Mode;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.gate.Probing;
import dev.thaw.persistence.Birth;
import dev.thaw.persistence.Member;
import dev.thaw.persistence.Stage;
import dev.thaw.persistence.Why;
import dev.thaw.persistence.WorkloadEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an operator's word does, or why it is refused. A refused word changes nothing. */
final class Verbs {
  private final WarmupPolicy policy;
  private final Rungs rungs;

  Verbs(WarmupPolicy policy) {
    this.policy = policy;
    this.rungs = new Rungs(policy);
  }

  WorkloadCore.Outcome command(Turn turn, Input.Command command) {
    for (PodUid pod : command.pods()) {
      if (turn.state().member(pod).isEmpty()) {
        return WorkloadCore.Outcome.refuse("no pod " + pod + " in " + turn.state().name());
      }
    }
    return switch (command.verb()) {
      case PAUSE -> pause(turn, command, true);
      case RESUME -> pause(turn, command, false);
      case PROMOTE -> each(turn, command, "promoted", this::promote);
      case ABORT -> abort(turn, command);
      case RETRY -> each(turn, command, "starts again", Verbs::retry);
    };
  }

  private static WorkloadCore.Outcome pause(Turn turn, Input.Command command, boolean now) {
    boolean already =
        command.pods().isEmpty()
            ? turn.state().paused() == now
            : targets(turn, command).stream().allMatch(member -> member.paused() == now);
    if (!already) {
      turn.decide(
          now
              ? new WorkloadEvent.Paused(command.pods(), turn.wall())
              : new WorkloadEvent.Resumed(command.pods(), turn.wall()));
    }
    String what = now ? "paused: its rungs are frozen" : "resumed";
    return WorkloadCore.Outcome.did(
        (already ? "was already " : "") + what + " (" + whom(turn, command) + ")");
  }

  /** Says why a member is not concerned, or decides and says nothing. */
  private interface OnMember {
    Optional<String> on(Turn turn, Member member, Input.Command command);
  }

  /** For one pod a refusal is the answer; for a workload those not concerned are passed over. */
  private WorkloadCore.Outcome each(
      Turn turn, Input.Command command, String done, OnMember action) {
    if (turn.state().mode() == Mode.OBSERVE) {
      return WorkloadCore.Outcome.refuse("in observe mode Thaw changes no weight");
    }
    var refusals = new ArrayList<String>();
    var concerned = new ArrayList<String>();
    for (Member member : targets(turn, command)) {
      Optional<String> refusal = action.on(turn, member, command);
      refusal.ifPresent(why -> refusals.add(member.name() + " " + why));
      if (refusal.isEmpty()) {
        concerned.add(member.name().value());
      }
    }
    if (concerned.isEmpty()) {
      return WorkloadCore.Outcome.refuse(
          refusals.isEmpty() ? "there is no pod yet" : String.join("; ", refusals));
    }
    return WorkloadCore.Outcome.did(String.join(", ", concerned) + " " + done);
  }

  private Optional<String> promote(Turn turn, Member member, Input.Command command) {
    Stage stage = member.stage();
    if (stage instanceof Stage.Awaited || stage instanceof Stage.Ended) {
      return Optional.of("has no process");
    }
    Birth birth = stage.born().orElseThrow();
    boolean forced = command.full() && command.force();
    if (!birth.confirmed() && !forced) {
      return Optional.of("is not confirmed; promote --full --force overrules that");
    } else if (forced && !listening(turn, member)) {
      return Optional.of("does not listen");
    } else if (!forced && turn.pod(member.pod()).probing() == Probing.FAILING) {
      return Optional.of("fails its probe; promote --full --force overrules that");
    } else if (member.warm()) {
      return Optional.of("is full already");
    }
    int rung = stage instanceof Stage.Climbing climbing ? climbing.climb().rung() + 1 : 1;
    turn.decide(
        Ladder.entered(
            turn,
            rungs,
            member,
            command.full() ? rungs.last() : Math.min(rung, rungs.last()),
            Why.OPERATOR_COMMAND,
            command.full() ? "promote --full" : "promote"));
    return Optional.empty();
  }

  private static boolean listening(Turn turn, Member member) {
    return turn.pod(member.pod()).heard().filter(Heard::listening).isPresent();
  }

  /** All or nothing: what would leave no backend is refused as a whole. */
  private static WorkloadCore.Outcome abort(Turn turn, Input.Command command) {
    if (turn.state().mode() == Mode.OBSERVE) {
      return WorkloadCore.Outcome.refuse("in observe mode Thaw changes no weight");
    }
    List<Member> targets = targets(turn, command);
    List<PodUid> pods = targets.stream().map(Member::pod).toList();
    boolean takesSome = targets.stream().anyMatch(member -> member.weight() > 0);
    boolean leavesNone =
        turn.state().table().entries().stream().allMatch(entry -> pods.contains(entry.pod()));
    if (takesSome && leavesNone) {
      return WorkloadCore.Outcome.refuse(
          "that would leave " + turn.state().name() + " without a backend");
    }
    var aborted = new ArrayList<String>();
    for (Member member : targets) {
      if (member.start().isPresent()
          && !(member.stage() instanceof Stage.Ended)
          && !(member.stage() instanceof Stage.Aborted)) {
        turn.decide(new WorkloadEvent.Aborted(member.pod(), turn.wall()));
        aborted.add(member.name().value());
      }
    }
    return aborted.isEmpty()
        ? WorkloadCore.Outcome.refuse("there is nothing to abort in " + whom(turn, command))
        : WorkloadCore.Outcome.did(
            String.join(", ", aborted) + " kept at no traffic until promote or retry");
  }

  private static Optional<String> retry(Turn turn, Member member, Input.Command command) {
    Stage stage = member.stage();
    if (stage instanceof Stage.Climbing climbing && climbing.climb().rung() == 0) {
      turn.decide(new WorkloadEvent.Retried(member.pod(), turn.wall()));
      return Optional.empty();
    } else if (stage instanceof Stage.Ejected
        || stage instanceof Stage.Aborted
        || stage instanceof Stage.Refused) {
      turn.decide(new WorkloadEvent.Retried(member.pod(), turn.wall()));
      return Optional.empty();
    } else if (stage instanceof Stage.Ended || stage instanceof Stage.Awaited) {
      return Optional.of("has no process");
    }
    return Optional.of("has nothing to try again");
  }

  private static List<Member> targets(Turn turn, Input.Command command) {
    return command.pods().isEmpty()
        ? List.copyOf(turn.members())
        : command.pods().stream()
            .map(pod -> turn.state().member(pod).orElseThrow())
            .distinct()
            .toList();
  }

  private static String whom(Turn turn, Input.Command command) {
    return command.pods().isEmpty()
        ? turn.state().name().value()
        : targets(turn, command).stream()
            .map(member -> member.name().value())
            .collect(Collectors.joining(", "));
  }
}
