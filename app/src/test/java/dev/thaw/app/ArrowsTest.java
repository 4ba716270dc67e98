package dev.thaw.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arrows of docs/architecture.md. */
class ArrowsTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.thaw");

  @Test
  void allOfItIsLookedAt() {
    assertThat(ALL.size()).isGreaterThan(300);
  }

  @ParameterizedTest
  @CsvSource({
    "config, 40",
    "protocol, 50",
    "persistence, 40",
    "bpf, 30",
    "node, 60",
    "coordinator, 120",
    "app, 30"
  })
  void noModuleIsMissing(String module, int atLeast) {
    assertThat(
            ALL.stream().filter(known -> known.getPackageName().startsWith("dev.thaw." + module)))
        .hasSizeGreaterThan(atLeast);
  }

  @Test
  void coordinatorAndNodeDoNotKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage("dev.thaw.coordinator..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.thaw.node..", "dev.thaw.bpf..", "dev.thaw.app..")
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage("dev.thaw.node..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.thaw.coordinator..", "dev.thaw.persistence..", "dev.thaw.app..")
        .check(ALL);
  }

  @Test
  void policiesAndTheKernelsBindingKnowNothingOfTheRest() {
    knowsNothingOf(
        "config", "coordinator", "node", "persistence", "protocol", "bpf", "app", "benchmarks");
    knowsNothingOf(
        "bpf", "config", "coordinator", "node", "persistence", "protocol", "app", "benchmarks");
    for (String module : List.of("config", "bpf")) {
      noClasses()
          .that()
          .resideInAPackage("dev.thaw." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.pekko..")
          .check(ALL);
    }
  }

  @Test
  void whatIsStoredAndWhatIsSaidKnowPoliciesAlone() {
    knowsNothingOf("persistence", "protocol", "coordinator", "node", "bpf", "app", "benchmarks");
    knowsNothingOf("protocol", "persistence", "coordinator", "node", "bpf", "app", "benchmarks");
  }

  private static void knowsNothingOf(String module, String... others) {
    noClasses()
        .that()
        .resideInAPackage("dev.thaw." + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Arrays.stream(others).map(other -> "dev.thaw." + other + "..").toArray(String[]::new))
        .check(ALL);
  }

  @Test
  void nativeCallsAreInOnePlaceAndNettyInOneModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.thaw.bpf..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.jna..")
        .check(ALL);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.thaw.node..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(ALL);
  }

  @Test
  void onlyTheBindingDeclaresNativeMethods() {
    noMethods()
        .that()
        .areDeclaredInClassesThat()
        .resideOutsideOfPackage("dev.thaw.bpf..")
        .should()
        .haveModifier(JavaModifier.NATIVE)
        .check(ALL);
  }

  @Test
  void theJournalsStoreIsKnownToPersistenceAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.thaw.persistence..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.h2..", "slick..", "java.sql..", "org.apache.pekko.persistence.jdbc..")
        .check(ALL);
  }

  /** Pods tell the workload and it answers them: only actors may close that circle. */
  @Test
  void betweenTheRoomsDecisionsPointOneWay() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.thaw.coordinator.gate..", "dev.thaw.coordinator.feed..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.thaw.coordinator.api..",
            "dev.thaw.coordinator.local..",
            "dev.thaw.coordinator.pod..",
            "dev.thaw.coordinator.traffic..",
            "dev.thaw.coordinator.workload..")
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage("dev.thaw.coordinator.workload..")
        .and()
        .haveNameNotMatching(".*WorkloadActor.*")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.thaw.coordinator.api..",
            "dev.thaw.coordinator.local..",
            "dev.thaw.coordinator.pod..")
        .check(ALL);
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.thaw.coordinator.local..",
            "dev.thaw.coordinator.pod..",
            "dev.thaw.coordinator.traffic..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.thaw.coordinator.api..")
        .check(ALL);
  }

  @Test
  void decisionsKnowNoActors() {
    classes()
        .that()
        .haveSimpleNameEndingWith("Core")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "dev.thaw..", "com.google.protobuf..", "org.jspecify..")
        .check(ALL);
    noClasses()
        .that()
        .haveSimpleNameEndingWith("Core")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.pekko..")
        .check(ALL);
  }
}
