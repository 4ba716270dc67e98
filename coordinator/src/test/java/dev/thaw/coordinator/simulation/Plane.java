package dev.thaw.coordinator.simulation;

import dev.thaw.coordinator.workload.Input;
import dev.thaw.persistence.WeightTable;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model of a data plane behind a bad connection: what it is sent and what it answers comes late,
 * twice, in another order or not at all. It refuses what is older than what it holds.
 */
final class Plane {
  static final String NAME = "kernel";

  private final World world;
  private final Consumer<WeightTable> applied;
  private Consumer<Input> answers = answer -> {};
  private Optional<WeightTable> table = Optional.empty();
  private boolean reliable;

  Plane(World world, Consumer<WeightTable> applied) {
    this.world = world;
    this.applied = applied;
  }

  void connect(Consumer<Input> newAnswers) {
    answers = newAnswers;
  }

  void reliable(boolean now) {
    reliable = now;
  }

  Optional<WeightTable> table() {
    return table;
  }

  void send(WeightTable sent) {
    unreliably(() -> take(sent));
  }

  private void take(WeightTable sent) {
    if (table.isPresent() && before(sent, table.get())) {
      WeightTable held = table.get();
      unreliably(() -> answers.accept(new Input.TableRefused(NAME, held.term(), held.version())));
      return;
    }
    if (table.isEmpty() || before(table.get(), sent)) {
      applied.accept(sent);
      table = Optional.of(sent);
      world.note("plane holds " + sent.term() + "/" + sent.version() + " " + weights(sent));
    }
    unreliably(() -> answers.accept(new Input.TableApplied(NAME, sent.term(), sent.version())));
  }

  private void unreliably(Runnable what) {
    if (reliable) {
      world.after(world.between(1, 5), what);
      return;
    }
    if (!world.chance(0.1)) {
      world.after(world.chance(0.1) ? world.between(500, 4_000) : world.between(1, 20), what);
    }
    if (world.chance(0.1)) {
      world.after(world.between(1, 6_000), what);
    }
  }

  private static boolean before(WeightTable one, WeightTable other) {
    return one.term() < other.term()
        || one.term() == other.term() && one.version() < other.version();
  }

  static String weights(WeightTable table) {
    var text = new StringBuilder();
    table
        .entries()
        .forEach(entry -> text.append(entry.name()).append('=').append(entry.weight()).append(' '));
    return text.toString();
  }
}
