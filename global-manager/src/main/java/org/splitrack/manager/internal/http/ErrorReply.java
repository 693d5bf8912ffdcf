package org.splitrack.manager.internal.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * What a refused call is answered with.
 *
 * @param error one line for a person
 */
record ErrorReply(String error) {
  static ErrorReply of(String error) {
    return new ErrorReply(oneLine(error));
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("failed");
  }

  /** For filters, which stand before the message converters. */
  static void send(HttpServletResponse response, int status, String error) throws IOException {
    response.setStatus(status);
    response.setContentType("application/json");
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsCharArray(oneLine(error)));
    response
        .getOutputStream()
        .write(("{\"error\":\"" + quoted + "\"}").getBytes(StandardCharsets.UTF_8));
  }
}
