package dev.thaw.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints Thaw's figures with their n and spread beside the bound each is held to, and writes them
 * as JSON. Exit status 0 whatever the figures say: a bench reports, it does not judge. 1 when one
 * could not be measured, 2 for a wrong name.
 *
 * <p>Usage: {@code Figures LAUNCHER JSON [NAME...]}, where LAUNCHER is {@code bin/thaw}, JSON the
 * file to write and NAME one of the measurements. The machine should be otherwise idle; root is
 * needed.
 */
public final class Figures {

  /** One run that yields figures. */
  interface Measurement {
    List<Figure> run(Bench bench) throws Exception;
  }

  private Figures() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: Figures LAUNCHER JSON [NAME]... with NAME of " + names());
      System.exit(2);
    }
    List<String> wanted = List.of(arguments).subList(2, arguments.length);
    for (String name : wanted) {
      if (!measurements().containsKey(name)) {
        System.err.println("bench: no figure " + name + " (accepted: " + names() + ")");
        System.exit(2);
      }
    }
    System.exit(
        measure(Path.of(arguments[0]).toAbsolutePath(), Path.of(arguments[1]), wanted, System.out));
  }

  private static String names() {
    return String.join(", ", measurements().keySet());
  }

  private static Map<String, Measurement> measurements() {
    var all = new LinkedHashMap<String, Measurement>();
    all.put("ready", Starts::ready);
    all.put("exec-seen", ExecSeen::inJava);
    all.put("confirmation", Starts::confirmation);
    all.put("weight", Weight::inForce);
    all.put("memory", Starts::memory);
    all.put("recovery", Recovery::afterKill);
    all.put("signals", BpfCost::signals);
    all.put("probe-speed", Probing::speed);
    all.put("probe-connections", Probing::connections);
    all.put("agent-memory", Probing::agent);
    all.put("hot", Hot::paths);
    all.put("scene-1", Scene::births);
    all.put("pressure", PressureCost::run);
    all.put("signal-lead", SignalLead::overHealthPage);
    all.put("first-line", FirstWords::ofTrace);
    return all;
  }

  private static int measure(Path launcher, Path json, List<String> wanted, PrintStream out)
      throws IOException {
    var bench = new Bench(launcher);
    var figures = new ArrayList<Figure>();
    boolean failed = false;
    out.println("machine: " + Machine.facts());
    for (var measurement : measurements().entrySet()) {
      if (!wanted.isEmpty() && !wanted.contains(measurement.getKey())) {
        continue;
      }
      out.println("measuring " + measurement.getKey() + " ...");
      try {
        figures.addAll(measurement.getValue().run(bench));
      } catch (Exception e) {
        failed = true;
        out.println("bench: " + measurement.getKey() + " could not be measured: " + e.getMessage());
      }
    }
    Table.lines(figures).forEach(out::println);
    write(json, figures);
    out.println("as JSON: " + json);
    if (failed) {
      out.println("logs and state of these runs: " + bench.scratch());
    } else {
      bench.clean();
    }
    return failed ? 1 : 0;
  }

  private static void write(Path json, List<Figure> figures) throws IOException {
    var content = new LinkedHashMap<String, Object>();
    content.put("machine", Machine.facts());
    content.put("figures", figures.stream().map(Figure::toMap).toList());
    Files.createDirectories(json.toAbsolutePath().getParent());
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .writeValue(json.toFile(), content);
  }
}
