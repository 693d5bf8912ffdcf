package org.splitrack.manager.internal;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionPlacement;
import org.splitrack.manager.internal.process.ProcessPlacement;

/** Decisions are pure; what acts on them does not know Spring; HTTP is only an entrance. */
class DirectionsTest {
  private static final JavaClasses MANAGER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.splitrack.manager");

  @Test
  void shouldDecideWithoutClockRandomnessThreadOrSocket() {
    noClasses()
        .that()
        .belongToAnyOf(RegionPlacement.class, ProcessPlacement.class, Membership.class)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "java.net..",
            "java.io..",
            "java.util.random..",
            "org.splitrack.fabric.transport..")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Thread.class, java.util.Random.class, java.time.Clock.class)
        .check(MANAGER);
  }

  @Test
  void shouldKeepSpringOutOfMembershipProcessesAndMemory() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "..manager.internal.membership", "..internal.process", "..internal.memory")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.springframework..", "..manager.internal.http..")
        .check(MANAGER);
  }

  @Test
  void shouldBeEnteredThroughHttpOnlyFromOutside() {
    classes()
        .that()
        .resideInAPackage("..manager.internal.http")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAnyPackage("..manager.internal.http", "..manager.internal")
        .check(MANAGER);
  }
}
