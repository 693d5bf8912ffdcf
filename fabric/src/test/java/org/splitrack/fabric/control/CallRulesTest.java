package org.splitrack.fabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Role;

class CallRulesTest {
  private static final List<Class<?>> HOLDERS =
      List.of(
          ComponentCalls.class,
          FileCalls.class,
          MemoryCalls.class,
          ProcessCalls.class,
          StorageCalls.class);

  @Test
  void shouldNameEveryCallThatThereIs() {
    assertThat(calls()).hasSizeGreaterThan(40).allMatch(CallRules.RACK::names);
  }

  @Test
  void shouldLetNobodyButTheManagerCommandMemoryOrProcesses() {
    for (Class<?> call :
        List.of(
            MemoryCalls.InstallRegions.class,
            MemoryCalls.ReleaseRegions.class,
            ProcessCalls.StartProcess.class,
            StorageCalls.DeleteExtents.class)) {
      assertThat(callers(call)).as(call.getSimpleName()).containsExactly(Role.GLOBAL_MANAGER);
    }
  }

  @Test
  void shouldLetOnlyTheCommandEndComponents() {
    assertThat(callers(ComponentCalls.Halt.class)).containsExactly(Role.CLI);
  }

  /** What a program's pComponent says of regions goes to the manager, never to who holds them. */
  @Test
  void shouldHaveTheManagerAsTheOnlyOneWhomComponentsTellAnything() {
    for (Class<?> call : calls().toList()) {
      if (callers(call).stream().anyMatch(Set.of(Role.PCOMPONENT, Role.MCOMPONENT)::contains)) {
        assertThat(Role.values())
            .as(call.getSimpleName())
            .filteredOn(role -> CallRules.RACK.mayServe(role, call))
            .containsExactly(Role.GLOBAL_MANAGER);
      }
    }
  }

  @Test
  void shouldRefuseACallThatItDoesNotName() {
    record Unheard() implements ControlRequest<ControlReply.Done> {}

    assertThat(callers(Unheard.class)).isEmpty();
    assertThat(CallRules.RACK.mayServe(Role.GLOBAL_MANAGER, Unheard.class)).isFalse();
  }

  private static Stream<Class<?>> calls() {
    return HOLDERS.stream()
        .flatMap(holder -> Stream.of(holder.getDeclaredClasses()))
        .filter(ControlRequest.class::isAssignableFrom);
  }

  private static List<Role> callers(Class<?> call) {
    return Stream.of(Role.values()).filter(role -> CallRules.RACK.mayCall(role, call)).toList();
  }
}
