package dev.thaw.config;

import dev.thaw.config.WarmupPolicy.Header;
import dev.thaw.config.WarmupPolicy.ProbeKind;
import dev.thaw.config.WarmupPolicy.Question;
import dev.thaw.config.YamlValue.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads what a probe asks: the one of {@code httpGet, tcpSocket, ping, grpc} that is there. */
final class QuestionReader {
  private static final String PORT = "null, or a whole number from 1 to 65535";

  private final Section probe;
  private final ProbeKind kind;

  QuestionReader(Section probe) {
    this.probe = probe;
    this.kind = kind(probe);
  }

  ProbeKind kind() {
    return kind;
  }

  private static ProbeKind kind(Section probe) {
    List<String> named = Choices.PROBE_KINDS.keySet().stream().filter(probe::has).toList();
    named.stream()
        .skip(1)
        .map(probe::at)
        .forEach(
            other ->
                other.refuse(
                    "one of httpGet, tcpSocket, ping, grpc, not " + named.get(0) + " too"));
    return named.stream().map(Choices.PROBE_KINDS::get).findFirst().orElse(ProbeKind.HTTP_GET);
  }

  /** The section of this kind, its defaults filled in; one that is not there holds its defaults. */
  private Section section(ProbeKind of) {
    String key = Choices.word(Choices.PROBE_KINDS, of);
    Fields defaults = Shipped.whenPresent(key);
    return probe.has(key)
        ? probe.at(key).section().over(defaults)
        : new Section("", defaults, new Problems(""));
  }

  Optional<Question> question() {
    Section get = section(ProbeKind.HTTP_GET).onlyKeys("path", "port", "httpHeaders");
    var path = get.at("path").text(Texts::isPath, Texts.PATH);
    List<Header> headers = new ArrayList<>();
    for (Spot header : get.at("httpHeaders").items(0, 20, "headers")) {
      header(header.section()).ifPresent(headers::add);
    }
    section(ProbeKind.TCP_CONNECT).onlyKeys("port");
    section(ProbeKind.HTTP2_PING).onlyKeys("port");
    Section grpc = section(ProbeKind.GRPC).onlyKeys("service", "watch", "port");
    var service = grpc.at("service").text(Texts::isServiceName, Texts.SERVICE_NAME);
    var watch = grpc.at("watch").choice(Choices.YES_OR_NO);
    var identity = probe.at("identityHeader").text(Texts::isHeaderName, Texts.HEADER_NAME);
    return probe.sound()
        ? Optional.of(new Question(path.get(), headers, identity.get(), service.get(), watch.get()))
        : Optional.empty();
  }

  /** Where it is asked; absent: at the target's port. */
  Optional<Integer> port() {
    Optional<Integer> asked = Optional.empty();
    for (ProbeKind each : ProbeKind.values()) {
      Spot port = section(each).at("port");
      Optional<Integer> read =
          port.isNull() ? Optional.empty() : port.wholeNumber(1, 65_535, PORT).value();
      asked = each == kind ? read : asked;
    }
    return asked;
  }

  private static Optional<Header> header(Section said) {
    Section header = said.onlyKeys("name", "value");
    var name = header.at("name").text(Texts::isHeaderName, Texts.HEADER_NAME);
    var value = header.at("value").text(Texts::isHeaderValue, Texts.HEADER_VALUE);
    return header.sound() ? Optional.of(new Header(name.get(), value.get())) : Optional.empty();
  }
}
