package org.splitrack.cli.internal.machine;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the components of a rack speak with one another. */
public enum LinkSecurity {
  /** In clear. */
  PLAIN,
  /** TLS, with a certificate at both ends. */
  MTLS;

  /** Reads the option's value. */
  public static final class Reader implements ITypeConverter<LinkSecurity> {
    @Override
    public LinkSecurity convert(String text) {
      for (LinkSecurity security : values()) {
        if (security.toString().equals(text)) {
          return security;
        }
      }
      throw new TypeConversionException("'" + text + "' is neither plain nor mtls");
    }
  }

  @Override
  @JsonValue
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
