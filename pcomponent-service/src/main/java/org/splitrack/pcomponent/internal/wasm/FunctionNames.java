package org.splitrack.pcomponent.internal.wasm;

import org.jspecify.annotations.Nullable;
import run.endive.wasm.types.NameCustomSection;

/**
 * Names of a module's functions, for people.
 *
 * @param section as the module brings it; null when it brings none
 */
record FunctionNames(@Nullable NameCustomSection section) {
  private static final int MAX_CHARS = 200;

  String of(int index) {
    String name = section == null ? null : section.nameOfFunction(index);
    if (name == null) {
      return "function " + index;
    }
    return name.length() <= MAX_CHARS ? name : name.substring(0, MAX_CHARS);
  }
}
