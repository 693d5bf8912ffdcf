package org.splitrack.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions that the code keeps: words ← protocol ← service ← Spring. */
@AnalyzeClasses(packages = "org.splitrack", importOptions = ImportOption.DoNotIncludeTests.class)
class StructureTest {
  private static final String[] PAGE_PATH = {
    "org.splitrack.fabric.memory..",
    "org.splitrack.fabric.wire..",
    "org.splitrack.fabric.region..",
    "org.splitrack.pcomponent.internal.excache..",
    "org.splitrack.mcomponent.internal.store..",
    "org.splitrack.mcomponent.internal.page.."
  };

  private static final String[] SERVICES = {
    "org.splitrack.pcomponent..",
    "org.splitrack.mcomponent..",
    "org.splitrack.scomponent..",
    "org.splitrack.manager..",
    "org.splitrack.tables.."
  };

  @ArchTest
  static final ArchRule the_page_path_is_plain_java =
      noClasses()
          .that()
          .resideInAnyPackage(PAGE_PATH)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "org.slf4j..",
              "java.util.logging..",
              "java.util.stream..",
              "java.sql..",
              "tools.jackson..");

  @ArchTest
  static final ArchRule the_page_path_uses_no_optional =
      noClasses()
          .that()
          .resideInAnyPackage(PAGE_PATH)
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Optional");

  @ArchTest
  static final ArchRule fabric_knows_no_spring_and_no_service =
      noClasses()
          .that()
          .resideInAPackage("org.splitrack.fabric..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework..")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(SERVICES);

  @ArchTest
  static final ArchRule services_meet_only_over_the_fabric =
      slices()
          .matching("org.splitrack.(pcomponent|mcomponent|scomponent|manager|tables|cli)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule decisions_are_pure =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Placement")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "java.net..",
              "java.nio..",
              "java.sql..",
              "java.util.concurrent..",
              "java.util.random..")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.time.Clock");

  @ArchTest
  static final ArchRule a_services_public_face_is_its_application =
      classes()
          .that()
          .resideInAnyPackage(SERVICES)
          .and()
          .areTopLevelClasses()
          .and()
          .resideOutsideOfPackage("..internal..")
          .and()
          .arePublic()
          .should()
          .haveSimpleNameEndingWith("Application");

  @ArchTest
  static final ArchRule packages_of_fabric_have_no_cycles =
      slices().matching("org.splitrack.fabric.(*)..").should().beFreeOfCycles();
}
