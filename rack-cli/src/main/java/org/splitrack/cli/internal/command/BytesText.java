package org.splitrack.cli.internal.command;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of bytes: {@code 1073741824}, {@code 512MiB}, {@code 1g}. */
final class BytesText implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(k|m|g)?(i?b)?");

  @Override
  public Long convert(String text) {
    return parse(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'" + text + "' is no number of bytes such as 1073741824 or 512MiB"));
  }

  /** Empty when it is none, or more than there can be. */
  static OptionalLong parse(String text) {
    Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    int shift =
        switch (unit == null ? "" : unit) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return number > Long.MAX_VALUE >> shift
        ? OptionalLong.empty()
        : OptionalLong.of(number << shift);
  }
}
