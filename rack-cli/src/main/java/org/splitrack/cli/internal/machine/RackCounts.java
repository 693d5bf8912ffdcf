package org.splitrack.cli.internal.machine;

import java.util.List;
import java.util.stream.IntStream;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * How many components of each role, and how much memory each mComponent has.
 *
 * @param memoryLimit bytes of page store of one mComponent
 */
public record RackCounts(
    int processors, int memories, int storages, int managers, long memoryLimit) {
  public static final RackCounts DEFAULT = new RackCounts(2, 3, 2, 1, 1L << 30);

  /** Roles of the Spring Boot services; those that all others wait for are started first. */
  public static final List<Role> SERVICES =
      List.of(
          Role.TABLE_SERVICE,
          Role.GLOBAL_MANAGER,
          Role.MCOMPONENT,
          Role.SCOMPONENT,
          Role.PCOMPONENT);

  /** More than this of one role is a typing error on one machine. */
  static final int MOST_OF_A_ROLE = 32;

  static final long LEAST_MEMORY = 16L << 20;
  static final long MOST_MEMORY = 1L << 40;

  public RackCounts {
    between("processors", processors, 1, MOST_OF_A_ROLE);
    between("memories", memories, 1, MOST_OF_A_ROLE);
    between("storages", storages, 1, MOST_OF_A_ROLE);
    if (managers != 1) {
      throw RackFailure.usage("--managers " + managers + ": this version runs one global manager");
    }
    between("memory-limit", memoryLimit, LEAST_MEMORY, MOST_MEMORY);
  }

  private static void between(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw RackFailure.usage(
          "--" + option + " " + value + " is not between " + least + " and " + most);
    }
  }

  /** The Spring Boot services of a role. */
  List<ComponentId> of(Role role) {
    int count =
        switch (role) {
          case PCOMPONENT -> processors;
          case MCOMPONENT -> memories;
          case SCOMPONENT -> storages;
          case GLOBAL_MANAGER -> managers;
          case TABLE_SERVICE -> 1;
          case POSTGRES, KAFKA, CLI -> 0;
        };
    return IntStream.range(0, count).mapToObj(i -> new ComponentId(role, i)).toList();
  }

  /** The same with another count of a role that a rack may have more or fewer of. */
  RackCounts with(Role role, int count) {
    return new RackCounts(
        role == Role.PCOMPONENT ? count : processors,
        role == Role.MCOMPONENT ? count : memories,
        role == Role.SCOMPONENT ? count : storages,
        managers,
        memoryLimit);
  }

  /** All components, PostgreSQL and Kafka among them. */
  int components() {
    return SERVICES.stream().mapToInt(role -> of(role).size()).sum() + 2;
  }

  /** In words, for a line to a person. */
  public String describe() {
    return processors + " pComponents, " + memories + " mComponents, " + storages + " sComponents";
  }
}
