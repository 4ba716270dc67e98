package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Birth;
import dev.thaw.config.WarmupPolicy.Probe;
import dev.thaw.config.WarmupPolicy.Warmup;
import dev.thaw.config.YamlValue.Fields;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a policy from YAML. Never throws for what a text may hold; does no I/O. */
public final class PolicyReader {

  /** So many characters a policy may have. */
  public static final int LARGEST = 256 * 1024;

  static final String API_VERSION = "thaw.dev/v1alpha1";
  static final String KIND = "WarmupPolicy";

  private final Problems problems;
  private final Mode modeIfUnsaid;
  private List<NamedFile> files = List.of();

  private PolicyReader(Problems problems, Mode modeIfUnsaid) {
    this.problems = problems;
    this.modeIfUnsaid = modeIfUnsaid;
  }

  /** Reads a policy for a local run: the mode is ramp unless it says otherwise. */
  public static PolicyReading read(String source, Path label) {
    return read(source, label.toString(), Mode.RAMP);
  }

  /**
   * Reads a policy.
   *
   * @param source the YAML text
   * @param label what problems call the text, such as the file's name as the operator gave it
   * @param modeIfUnsaid the mode of a policy that names none; it depends on where Thaw runs
   */
  public static PolicyReading read(String source, String label, Mode modeIfUnsaid) {
    Problems problems = new Problems(label);
    PolicyReader reader = new PolicyReader(problems, modeIfUnsaid);
    Optional<WarmupPolicy> policy =
        YamlSource.read(source, false, problems).flatMap(reader::policy);
    List<Problem> found = problems.inOrder();
    List<NamedFile> files =
        reader.files.stream().filter(file -> found.stream().noneMatch(file::isAt)).toList();
    return new PolicyReading(found.isEmpty() ? policy : Optional.empty(), found, files);
  }

  private Optional<WarmupPolicy> policy(Fields fields) {
    Section root =
        new Section("", fields, problems).onlyKeys("apiVersion", "kind", "metadata", "spec");
    root.at("apiVersion").choice(Map.of(API_VERSION, API_VERSION));
    root.at("kind").choice(Map.of(KIND, KIND));
    Found<String> name =
        root.at("metadata").section().onlyKeys("name").at("name").text(Texts::isName, Texts.NAME);
    return spec(root.at("spec").section(), name);
  }

  private Optional<WarmupPolicy> spec(Section said, Found<String> name) {
    Section spec =
        said.over(Shipped.spec())
            .onlyKeys(
                "mode",
                "service",
                "target",
                "startDeadline",
                "probe",
                "warmup",
                "metrics",
                "birth");
    Optional<Mode> mode =
        spec.has("mode")
            ? spec.at("mode").choice(Choices.MODES).value()
            : Optional.of(modeIfUnsaid);
    Found<String> service =
        spec.at("service").text(text -> Addresses.parse(text).isPresent(), Addresses.ACCEPTED);
    Found<Integer> targetPort = targetPort(spec, service);
    Found<Duration> deadline =
        spec.at("startDeadline").duration(Duration.ofMillis(100), Limits.DAY);
    Optional<Probe> probe = ProbeReader.read(spec.at("probe").section(), deadline);
    files = TlsReader.files(spec.at("probe").section().at("tls"));
    Optional<Warmup> warmup =
        spec.has("warmup") ? WarmupReader.read(spec.at("warmup").section()) : Optional.empty();
    Evidence evidence =
        spec.has("metrics")
            ? MetricsReader.read(spec.at("metrics").section(), targetPort)
            : Evidence.NONE;
    Optional<Birth> birth = BirthReader.read(spec.at("birth").section(), evidence);
    if (!problems.none()) {
      return Optional.empty();
    }
    return Optional.of(
        new WarmupPolicy(
            name.get(),
            mode.orElseThrow(),
            Addresses.parse(service.get()).orElseThrow(),
            targetPort.get(),
            deadline.get(),
            probe.orElseThrow(),
            warmup,
            evidence.metrics(),
            birth.orElseThrow()));
  }

  /** The service's port, unless the policy names another. */
  private static Found<Integer> targetPort(Section spec, Found<String> service) {
    if (spec.has("target")) {
      return spec.at("target").section().onlyKeys("port").at("port").wholeNumber(1, 65_535);
    }
    return new Found<>(
        service.spot(), service.value().flatMap(Addresses::parse).map(Endpoint::port));
  }
}
