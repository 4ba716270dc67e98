package dev.thaw.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SupervisedTest {
  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<String> troubles = kit.createTestProbe(String.class);
  private final TestProbe<Integer> sums = kit.createTestProbe(Integer.class);
  private final AtomicInteger beginnings = new AtomicInteger();

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  @Test
  void aPartThatGoesOnStillKnowsWhatItKnew() {
    var adder = kit.spawn(Supervised.resumed(String.class, adder(0), troubles.ref()::tell));
    adder.tell("5");
    sums.expectMessage(5);

    adder.tell("five");
    adder.tell("2");

    assertThat(troubles.receiveMessage()).isEqualTo("For input string: \"five\"");
    sums.expectMessage(7);
  }

  @Test
  void aPartThatBeginsAnewKnowsOnlyTheOrdersThatFollow() {
    var adder = kit.spawn(Supervised.renewed(String.class, adder(0), troubles.ref()::tell));
    adder.tell("5");
    sums.expectMessage(5);

    adder.tell("five");
    adder.tell("2");

    assertThat(troubles.receiveMessage()).isEqualTo("For input string: \"five\"");
    sums.expectMessage(2);
    assertThat(beginnings).hasValue(2);
  }

  @Test
  void whatCannotBeginIsSaidAndTriedAgain() {
    ActorRef<String> adder =
        kit.spawn(Supervised.resumed(String.class, adder(2), troubles.ref()::tell));

    adder.tell("5");

    sums.expectMessage(5);
    troubles.expectMessage("not yet");
    troubles.expectMessage("not yet");
    troubles.expectNoMessage(Duration.ZERO);
  }

  /** Adds up; its first beginnings, so many, fail. */
  private Behavior<String> adder(int failures) {
    return Behaviors.setup(
        context -> {
          if (beginnings.incrementAndGet() <= failures) {
            throw new IllegalStateException("not yet");
          }
          var sum = new AtomicInteger();
          return Behaviors.receiveMessage(
              number -> {
                sums.ref().tell(sum.addAndGet(Integer.parseInt(number)));
                return Behaviors.same();
              });
        });
  }
}
