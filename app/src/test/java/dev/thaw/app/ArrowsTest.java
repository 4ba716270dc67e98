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
import org.jspecify.annotations.NullMarked;
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

  /**
   * From those that know no other room to the one that may know all; those beside are strangers.
   */
  private static final List<List<String>> ROOMS =
      List.of(
          List.of("metrics", "feed", "gate", "node"),
          List.of("workload"),
          List.of("pod", "traffic"),
          List.of("local"),
          List.of("api"));

  @Test
  void theRoomsOfTheCoordinatorKnowEachOtherInOneDirection() {
    String coordinator = "dev.thaw.coordinator";
    for (int level = 0; level < ROOMS.size(); level++) {
      for (String room : ROOMS.get(level)) {
        String[] unknown =
            ROOMS.subList(level, ROOMS.size()).stream()
                .flatMap(List::stream)
                .filter(other -> !other.equals(room))
                .map(other -> coordinator + "." + other + "..")
                .toArray(String[]::new);
        noClasses()
            .that()
            .resideInAPackage(coordinator + "." + room + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(unknown)
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage(coordinator)
            .check(ALL);
      }
    }
  }

  @Test
  void noRoomOfTheCoordinatorIsForgotten() {
    assertThat(
            ALL.stream()
                .map(known -> known.getPackageName())
                .filter(name -> name.startsWith("dev.thaw.coordinator."))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(
            ROOMS.stream()
                .flatMap(List::stream)
                .map(room -> "dev.thaw.coordinator." + room)
                .toList());
  }

  /** What is made from the protocol's files has none. */
  @Test
  void everyPackageSaysWhatItIsForAndThatNothingIsNull() {
    assertThat(
            ALL.stream()
                .filter(
                    known ->
                        !known.getPackageName().matches("dev\\.thaw\\.protocol\\.(health\\.)?v1"))
                .map(known -> known.getPackage())
                .filter(
                    each ->
                        each.tryGetPackageInfo()
                            .filter(info -> info.isAnnotatedWith(NullMarked.class))
                            .isEmpty())
                .map(each -> each.getName())
                .distinct())
        .isEmpty();
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
