package dev.thaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.config.PolicyReader;
import dev.thaw.config.PolicyReading;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a policy's files for TLS must be. */
class TlsFilesTest {
  private static final Instant NOW = Instant.now();

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"rsa2048", "ecp256", "ed25519"})
  void aCertificateAndItsKeyAreWelcomeWhateverTheirAlgorithm(Algorithm algorithm) throws Exception {
    X509Bundle pair =
        new CertificateBuilder()
            .subject("CN=a")
            .algorithm(algorithm)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();

    TlsFiles.Found found =
        check(
            tls(
                "ca", file("ca.pem", pair.getCertificatePEM()),
                "clientCert", file("cert.pem", "we: a pod\n" + pair.getCertificatePEM()),
                "clientKey", file("key.pem", pair.getPrivateKeyPEM())));

    assertThat(found.problems()).isEmpty();
    assertThat(found.warnings()).isEmpty();
  }

  @Test
  void aMissingFileIsNamedAtItsPlace() {
    assertThat(only(tls("ca", folder + "/none.pem")))
        .isEqualTo(
            "p.yaml:7:13: spec.probe.tls.ca: "
                + folder
                + "/none.pem, there is no such file"
                + " (accepted: null, or a readable file of PEM certificates)");
  }

  @Test
  void aFolderIsNoFile() {
    assertThat(only(tls("ca", folder.toString()))).contains(folder + ", which is a folder");
  }

  @Test
  void aFileWithoutACertificateIsTold() throws Exception {
    assertThat(only(tls("ca", file("notes.txt", "nothing to see"))))
        .contains("notes.txt, in which there is no PEM certificate (accepted: ");
  }

  @Test
  void aBrokenCertificateIsTold() throws Exception {
    String broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    assertThat(only(tls("ca", file("broken.pem", broken))))
        .contains("broken.pem, which holds a certificate that cannot be read");
  }

  @Test
  void aFileBeyondAnyMeasureIsNotRead() throws Exception {
    assertThat(only(tls("ca", file("large.pem", "x".repeat((1 << 20) + 1)))))
        .contains("which is larger than 1048576 bytes");
  }

  @Test
  void aKeyInAnotherFormIsTold() throws Exception {
    X509Bundle pair =
        new CertificateBuilder().subject("CN=a").setIsCertificateAuthority(true).buildSelfSigned();
    String pkcs1 = "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n";

    assertThat(
            only(
                tls(
                    "clientCert", file("cert.pem", pair.getCertificatePEM()),
                    "clientKey", file("key.pem", pkcs1))))
        .contains("spec.probe.tls.clientKey: ")
        .contains("key.pem, in which there is no PEM key in PKCS#8 (accepted: ")
        .contains("unencrypted");
  }

  @Test
  void aKeyOfAnotherCertificateIsTold() throws Exception {
    X509Bundle one =
        new CertificateBuilder().subject("CN=a").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle other =
        new CertificateBuilder().subject("CN=b").setIsCertificateAuthority(true).buildSelfSigned();

    assertThat(
            only(
                tls(
                    "clientCert", file("cert.pem", one.getCertificatePEM()),
                    "clientKey", file("key.pem", other.getPrivateKeyPEM()))))
        .contains("key.pem, which is the key of another certificate than clientCert's");
  }

  @Test
  void aCertificateThatHasExpiredIsAWarning() throws Exception {
    X509Bundle old =
        new CertificateBuilder()
            .subject("CN=old")
            .notBefore(NOW.minus(Duration.ofDays(9)))
            .notAfter(NOW.minus(Duration.ofDays(1)))
            .setIsCertificateAuthority(true)
            .buildSelfSigned();

    TlsFiles.Found found = check(tls("ca", file("old.pem", old.getCertificatePEM())));

    assertThat(found.problems()).isEmpty();
    assertThat(found.warnings())
        .singleElement()
        .asString()
        .startsWith("p.yaml:7:13: spec.probe.tls.ca: ")
        .contains("old.pem holds a certificate of CN=old that has expired at ")
        .endsWith(" (warning)");
  }

  @Test
  void validateNamesTheFileAndEndsWithTwo() throws Exception {
    Path policy = folder.resolve("p.yaml");
    Files.writeString(policy, tls("ca", folder + "/none.pem"));
    var err = new StringWriter();

    int code =
        Main.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err, true))
            .execute("policy", "validate", policy.toString());

    assertThat(code).isEqualTo(2);
    assertThat(err.toString())
        .startsWith(policy + ":7:13: spec.probe.tls.ca: ")
        .contains("there is no such file");
  }

  @Test
  void allThatIsWrongIsToldAtOnceInTheOrderOfTheText() throws Exception {
    Path policy = folder.resolve("p.yaml");
    Files.writeString(
        policy,
        tls("ca", folder + "/none.pem", "clientKey", "7 x")
            .replace("name: orders", "name: ORDERS")
            .concat("  startDeadline: soon\n"));
    var err = new StringWriter();

    Main.commandLine()
        .setErr(new PrintWriter(err, true))
        .execute("policy", "validate", policy.toString());

    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains(":3:", "metadata.name: ORDERS"),
            line -> assertThat(line).contains(":7:13: spec.probe.tls.ca: ", "no such file"),
            line -> assertThat(line).contains(":8:20: spec.probe.tls.clientKey: 7 x (acc"),
            line -> assertThat(line).contains(":10:", "spec.startDeadline: soon"));
  }

  @Test
  void aRunIsRefusedForTheSameReason() throws Exception {
    Path policy = folder.resolve("p.yaml");
    Files.writeString(policy, tls("ca", folder + "/none.pem"));
    var err = new StringWriter();

    int code =
        Main.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute("run", "--policy=" + policy, "--", "true");

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("the policy cannot be used").contains("no such file");
  }

  private static TlsFiles.Found check(String policy) {
    PolicyReading reading = PolicyReader.read(policy, Path.of("p.yaml"));
    assertThat(reading.problems()).isEmpty();
    return TlsFiles.check(reading.files(), NOW);
  }

  private static String only(String policy) {
    TlsFiles.Found found = check(policy);
    assertThat(found.problems()).hasSize(1);
    return found.problems().get(0).toString();
  }

  private String file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static String tls(String... keysAndFiles) {
    var policy =
        new StringBuilder(
            """
            apiVersion: thaw.dev/v1alpha1
            kind: WarmupPolicy
            metadata: { name: orders }
            spec:
              service: 127.0.0.1:9000
              probe: { tls: {
            """);
    for (int i = 0; i < keysAndFiles.length; i += 2) {
      policy.append("        %s: %s,\n".formatted(keysAndFiles[i], keysAndFiles[i + 1]));
    }
    return policy.append("      } }\n").toString();
  }
}
