package org.splitrack.mcomponent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "org.splitrack.mcomponent",
    importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
  @ArchTest
  static final ArchRule PAGE_PATH_IS_PLAIN_JAVA =
      noClasses()
          .that()
          .resideInAnyPackage("..internal.page..", "..internal.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework..", "org.slf4j..", "tools.jackson..");

  @ArchTest
  static final ArchRule STORE_KNOWS_NO_WIRE =
      noClasses()
          .that()
          .resideInAPackage("..internal.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..internal.page..", "org.splitrack.fabric.transport..");

  @ArchTest
  static final ArchRule ONLY_THE_SERVICE_KNOWS_SPRING =
      noClasses()
          .that()
          .haveSimpleNameNotStartingWith("MComponent")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.springframework..");
}
