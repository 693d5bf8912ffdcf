package org.splitrack.cli.internal.output;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a command lists: {@code -o}. */
public enum OutputFormat {
  TABLE,
  JSON,
  CSV;

  /** Reads the option's value. */
  public static final class Reader implements ITypeConverter<OutputFormat> {
    @Override
    public OutputFormat convert(String text) {
      for (OutputFormat format : values()) {
        if (format.name().toLowerCase(Locale.ROOT).equals(text)) {
          return format;
        }
      }
      throw new TypeConversionException("'" + text + "' is none of table, json, csv");
    }
  }
}
