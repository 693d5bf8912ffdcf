package org.splitrack.simulation;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.INTERFACES;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessEffects;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyEffects;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyPlacement;
import org.splitrack.fabric.region.PageVersions;
import org.splitrack.fabric.region.RegionAccess;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.RegionSteward;
import org.splitrack.fabric.region.StewardEffects;

/** What is simulated is what the services run. */
@AnalyzeClasses(
    packages = {"org.splitrack.simulation", "org.splitrack.fabric.region"},
    importOptions = ImportOption.DoNotIncludeTests.class)
class DirectionsTest {
  private static final String MACHINES =
      "Region(Copy|Access|Steward|Config|Work)|ReplicationWindow|Hosts|AccessGrant|Verdict";

  private static final DescribedPredicate<JavaClass> PROTOCOL =
      resideInAPackage("org.splitrack.fabric.region");

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
  static final ArchRule THE_SIMULATION_EXTENDS_NO_CLASS_OF_THE_PROTOCOL =
      noClasses()
          .that()
          .resideInAPackage("org.splitrack.simulation..")
          .should()
          .beAssignableTo(PROTOCOL.and(not(INTERFACES)));

  /** A copy, a thread of a process, a manager: they do what the machines tell them. */
  @ArchTest
  static final ArchRule ONLY_THE_DRIVERS_IMPLEMENT_WHAT_THE_PROTOCOL_ASKS_FOR =
      classes()
          .that()
          .resideInAPackage("org.splitrack.simulation..")
          .and()
          .areAssignableTo(PROTOCOL.and(INTERFACES))
          .should()
          .haveNameMatching(".*\\.(MemoryNode\\$Held|ProcessNode\\$Accessor|ManagerNode)");

  @ArchTest
  static final ArchRule A_COPY_IS_DRIVEN_BY_THE_MACHINE_OF_COPIES =
      driver("MemoryNode$Held", CopyEffects.class)
          .andShould()
          .callConstructor(
              RegionCopy.class,
              RegionId.class,
              CopyPlace.class,
              PageVersions.class,
              CopyEffects.class);

  @ArchTest
  static final ArchRule A_THREAD_IS_DRIVEN_BY_THE_MACHINE_OF_ACCESS =
      driver("ProcessNode$Accessor", AccessEffects.class)
          .andShould()
          .callConstructor(RegionAccess.class, AccessGrant.class, AccessEffects.class);

  @ArchTest
  static final ArchRule A_MANAGER_IS_DRIVEN_BY_THE_MACHINE_OF_STEWARDS =
      driver("ManagerNode", StewardEffects.class)
          .andShould()
          .callConstructor(RegionSteward.class, StewardEffects.class, CopyPlacement.class);

  private static ClassesShouldConjunction driver(String name, Class<?> effects) {
    return classes()
        .that()
        .haveFullyQualifiedName("org.splitrack.simulation.internal." + name)
        .should()
        .implement(effects);
  }

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
