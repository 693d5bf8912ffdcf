package org.splitrack.simulation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.splitrack.fabric.region.RegionAccess;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.RegionSteward;

/** What is simulated is what the services run. */
@AnalyzeClasses(
    packages = {"org.splitrack.simulation", "org.splitrack.fabric.region"},
    importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
  private static final String MACHINES =
      "Region(Copy|Access|Steward|Config|Work)|ReplicationWindow|Hosts|AccessGrant|Verdict";

  @ArchTest
  static final ArchRule THE_MACHINES_CANNOT_BE_SUBCLASSED =
      classes()
          .that()
          .areAssignableTo(RegionCopy.class)
          .or()
          .areAssignableTo(RegionAccess.class)
          .or()
          .areAssignableTo(RegionSteward.class)
          .should()
          .resideInAPackage("org.splitrack.fabric.region")
          .andShould()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule THE_SIMULATION_HAS_NO_PROTOCOL_OF_ITS_OWN =
      noClasses()
          .that()
          .resideInAPackage("org.splitrack.simulation..")
          .should()
          .haveNameMatching(".*\\.(" + MACHINES + ")");

  @ArchTest
  static final ArchRule EACH_NODE_DRIVES_ITS_MACHINE =
      classes()
          .that()
          .haveSimpleName("MemoryNode")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(RegionCopy.class)
          .andShould()
          .onlyBeAccessed()
          .byAnyPackage("org.splitrack.simulation.internal");

  @ArchTest
  static final ArchRule NO_TIME_AND_CHANCE_BUT_THE_SEEDS =
      noClasses()
          .that()
          .resideInAPackage("org.splitrack.simulation.internal")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("java.time..", "java.util.concurrent..", "java.net..", "java.nio..");
}
