package dev.thaw.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

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
    noClasses()
        .that()
        .resideInAPackage("dev.thaw.config..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.thaw.coordinator..",
            "dev.thaw.node..",
            "dev.thaw.persistence..",
            "dev.thaw.protocol..",
            "dev.thaw.bpf..",
            "org.apache.pekko..")
        .check(ALL);
    noClasses()
        .that()
        .resideInAPackage("dev.thaw.bpf..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.thaw.config..",
            "dev.thaw.coordinator..",
            "dev.thaw.node..",
            "dev.thaw.protocol..",
            "org.apache.pekko..")
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
