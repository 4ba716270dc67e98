package dev.thaw.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.bpf.Machine;
import dev.thaw.bpf.os.CgroupLayout;
import dev.thaw.bpf.preflight.Check;
import dev.thaw.bpf.preflight.Part;
import dev.thaw.bpf.preflight.Preflight;
import dev.thaw.bpf.preflight.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code thaw preflight}: whether this machine can do what {@code thaw run} asks of it. */
@Command(
    name = "preflight",
    description = {
      "Checks this machine: kernel, rights, control groups, and who else sits on the hooks.",
      "",
      "Exit codes: 0 fit, 3 degraded, 4 unfit."
    },
    mixinStandardHelpOptions = true)
final class PreflightCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--json", description = "As JSON.")
  boolean json;

  @Option(
      names = "--load",
      description = "Loads every program, connects through the hooks, and removes all again.")
  boolean load;

  @Option(
      names = "--cover",
      paramLabel = "CGROUP",
      description = "The cgroup2 folder that thaw run would be told to cover.")
  @Nullable Path cover;

  @Override
  public Integer call() {
    if (cover != null && !CgroupLayout.isUnified(cover)) {
      throw Refusal.usage("--cover: " + cover + " is no cgroup2 folder");
    }
    Optional<Path> covered = Optional.ofNullable(cover);
    Preflight preflight =
        Preflight.judge(load ? Machine.lookAndLoad(covered) : Machine.look(covered));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? json(preflight) : table(preflight, load));
    out.flush();
    return preflight.verdict().exitCode();
  }

  /** One line a check, a paragraph below each that failed, and a sentence that says all. */
  static String table(Preflight preflight, boolean loaded) {
    int widest =
        preflight.checks().stream().mapToInt(check -> check.name().length()).max().orElse(0);
    String line = "%-8s  %-" + widest + "s  %s%n";
    String more = " ".repeat(8 + 2 + widest + 2) + "%-6s %s%n";
    var page = new StringBuilder();
    for (Check check : preflight.checks()) {
      page.append(line.formatted(check.verdict().word(), check.name(), check.found()));
      if (check.verdict() != Verdict.OK) {
        page.append(more.formatted("needed", check.needed()));
        page.append(more.formatted("so", check.consequence()));
        page.append(more.formatted("cure", check.cure()));
      }
    }
    page.append(String.format("%n%s%n", preflight.closing()));
    if (!loaded) {
      page.append(String.format("Nothing was loaded: --load tries that too.%n"));
    }
    return page.toString();
  }

  static String json(Preflight preflight) {
    ObjectNode page = new ObjectMapper().createObjectNode();
    page.put("verdict", preflight.verdict().ofMachine());
    page.put("sentence", preflight.closing());
    var checks = page.putArray("checks");
    for (Check check : preflight.checks()) {
      ObjectNode each = checks.addObject();
      each.put("name", check.name());
      each.put("verdict", check.verdict().word());
      each.put("found", check.found());
      each.put("needed", check.needed());
      each.put("consequence", check.consequence());
      each.put("cure", check.cure());
      var off = each.putArray("off");
      check.off().stream().map(Part::word).sorted().forEach(off::add);
      if (!check.detail().isEmpty()) {
        each.put("detail", check.detail());
      }
    }
    return page.toPrettyString() + System.lineSeparator();
  }
}
