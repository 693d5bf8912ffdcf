package org.splitrack.cli.internal.command;

import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code mcomponent-1}. */
final class ComponentName implements ITypeConverter<ComponentId> {
  @Override
  public ComponentId convert(String text) {
    try {
      return ComponentId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is no component such as mcomponent-1");
    }
  }
}
