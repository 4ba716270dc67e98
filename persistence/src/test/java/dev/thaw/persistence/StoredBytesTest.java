package dev.thaw.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was stored once can be read for ever. */
class StoredBytesTest {

  private static ActorSystem<Void> system;
  private static SerializerWithStringManifest cbor;

  @BeforeAll
  static void start() throws NotSerializableException {
    system = ActorSystem.create(Behaviors.empty(), "bytes", ConfigFactory.load());
    Serialization serialization = SerializationExtension.get(system);
    cbor = (SerializerWithStringManifest) serialization.serializerFor(WorkloadEvent.Opened.class);
  }

  @AfterAll
  static void stop() {
    system.terminate();
  }

  static Stream<WorkloadEvent> samples() {
    return SampleEvents.all().stream();
  }

  @Test
  void everyKindOfEventHasASample() {
    var permitted = Arrays.stream(WorkloadEvent.class.getPermittedSubclasses()).toList();

    assertThat(samples().<Class<?>>map(Object::getClass).toList())
        .hasSizeGreaterThanOrEqualTo(16)
        .containsExactlyInAnyOrderElementsOf(permitted);
  }

  @Test
  void everyKindOfEventHasAVersion() {
    var migrations =
        system.settings().config().getObject("pekko.serialization.jackson.migrations").keySet();

    assertThat(migrations)
        .isEqualTo(
            Arrays.stream(WorkloadEvent.class.getPermittedSubclasses())
                .map(Class::getName)
                .collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void bytesOfVersionOneStillDecode(WorkloadEvent sample) throws IOException {
    Object decoded = cbor.fromBinary(golden(sample), sample.getClass().getName() + "#1");

    assertThat(decoded).isEqualTo(sample);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void whatIsWrittenIsReadBackEqual(WorkloadEvent sample) throws IOException {
    assertThat(cbor.fromBinary(cbor.toBinary(sample), cbor.manifest(sample))).isEqualTo(sample);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void theManifestIsTheClassAndItsVersion(WorkloadEvent sample) {
    assertThat(cbor.manifest(sample)).isEqualTo(sample.getClass().getName() + "#1");
  }

  @Test
  void theSerializersIdentityNeverChanges() {
    assertThat(cbor.identifier()).isEqualTo(7401);
  }

  @Test
  void aFieldOfALaterReleaseIsIgnored() throws IOException {
    var opened = new WorkloadEvent.Opened(7, dev.thaw.config.Mode.GATE, SampleEvents.AT);
    var mapper = new ObjectMapper(new CBORFactory());
    var later = (ObjectNode) mapper.readTree(cbor.toBinary(opened));
    later.put("addedLater", "whatever");

    Object decoded = cbor.fromBinary(mapper.writeValueAsBytes(later), cbor.manifest(opened));

    assertThat(decoded).isEqualTo(opened);
  }

  @Test
  void aClassOutsideThisPackageIsNeverMade() {
    byte[] bytes = cbor.toBinary(SampleEvents.all().get(0));

    assertThatThrownBy(() -> cbor.fromBinary(bytes, "java.util.concurrent.atomic.AtomicLong"))
        .isInstanceOfAny(IllegalArgumentException.class, NotSerializableException.class);
  }

  private static byte[] golden(WorkloadEvent sample) throws IOException {
    String name = "/events/v1/" + SampleEvents.fileName(sample);
    try (InputStream file = StoredBytesTest.class.getResourceAsStream(name)) {
      assertThat(file).as("golden bytes %s: run GoldenEvents", name).isNotNull();
      return file.readAllBytes();
    }
  }
}
