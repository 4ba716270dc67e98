package dev.thaw.benchmarks;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints Thaw's figures with their n and spread beside the bound each is held to. Exit status 0
 * whatever the figures say: a bench reports, it does not judge.
 *
 * <p>Usage: {@code Figures LAUNCHER [NAME...]}, where LAUNCHER is {@code bin/thaw} and NAME one of
 * the figures printed by a run without names. The machine should be otherwise idle; root is needed.
 */
public final class Figures {

  /** One measurement: its bound in words, and the run that yields its lines. */
  interface Measurement {
    List<String> run(Path launcher, Path scratch) throws Exception;
  }

  private Figures() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      System.err.println(
          "usage: Figures LAUNCHER [" + String.join("|", measurements().keySet()) + "]...");
      System.exit(2);
    }
    var wanted = List.of(arguments).subList(1, arguments.length);
    for (String name : wanted) {
      if (!measurements().containsKey(name)) {
        System.err.println("no figure " + name + " (there are: " + measurements().keySet() + ")");
        System.exit(2);
      }
    }
    print(Path.of(arguments[0]).toAbsolutePath(), wanted, System.out);
  }

  private static Map<String, Measurement> measurements() {
    var all = new LinkedHashMap<String, Measurement>();
    all.put("ready", Starts::ready);
    all.put("confirmation", Starts::confirmation);
    all.put("memory", Starts::memory);
    all.put("exec-seen", Starts::execSeen);
    all.put("signals", BpfCost::signals);
    all.put("weight", Decisions::weight);
    all.put("recovery", Decisions::recovery);
    return all;
  }

  private static void print(Path launcher, List<String> wanted, PrintStream out) throws Exception {
    Path scratch = Files.createTempDirectory("thaw-bench-");
    for (var measurement : measurements().entrySet()) {
      if (wanted.isEmpty() || wanted.contains(measurement.getKey())) {
        for (String line : measurement.getValue().run(launcher, scratch)) {
          out.println(measurement.getKey() + ": " + line);
        }
      }
    }
    out.println("logs and state of these runs: " + scratch);
  }
}
