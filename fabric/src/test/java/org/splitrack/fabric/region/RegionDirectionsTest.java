package org.splitrack.fabric.region;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The protocol of the memory plane is pure: the simulation proves what the services run. */
@AnalyzeClasses(
    packages = "org.splitrack.fabric.region",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RegionDirectionsTest {
  @ArchTest
  static final ArchRule NO_CLOCK_THREAD_SOCKET_OR_CHANCE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.io..",
              "java.net..",
              "java.nio..",
              "java.sql..",
              "java.time..",
              "java.util.concurrent..",
              "java.util.logging..",
              "java.util.random..",
              "org.slf4j..",
              "org.springframework..",
              "..fabric.transport..",
              "..fabric.control..",
              "..fabric.memory..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.Thread")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule NO_ORDER_THAT_DEPENDS_ON_HASHES =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.HashMap")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.HashSet");

  @ArchTest
  static final ArchRule KNOWS_ONLY_THE_WORDS =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.splitrack..")
                  .and(
                      DescribedPredicate.not(
                          resideInAnyPackage(
                              "org.splitrack.fabric",
                              "org.splitrack.fabric.region",
                              "org.splitrack.fabric.wire"))));
}
