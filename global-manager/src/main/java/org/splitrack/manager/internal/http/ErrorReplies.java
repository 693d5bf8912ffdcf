package org.splitrack.manager.internal.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.control.ControlFault;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/**
 * Every refusal of the API: a status and one line. Only a defect gets a stack trace, in the log.
 */
@RestControllerAdvice
final class ErrorReplies {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorReplies.class);

  @ExceptionHandler
  ResponseEntity<ErrorReply> on(ControlFault fault) {
    int status =
        switch (fault.code()) {
          case BAD_REQUEST -> 400;
          case DENIED -> 403;
          case NOT_FOUND -> 404;
          case EXISTS, FULL -> 409;
          case UNREACHABLE, UNAVAILABLE -> 503;
          case FAILED -> 500;
        };
    return reply(status, ErrorReply.of(String.valueOf(fault.getMessage())));
  }

  @ExceptionHandler
  ResponseEntity<ErrorReply> on(HttpMessageNotReadableException e) {
    return reply(400, ErrorReply.of("the body is not the JSON that this call takes: " + detail(e)));
  }

  private static String detail(HttpMessageNotReadableException e) {
    return e.getMostSpecificCause() instanceof tools.jackson.core.JacksonException json
        ? String.valueOf(json.getOriginalMessage())
        : "it cannot be read";
  }

  @ExceptionHandler
  ResponseEntity<ErrorReply> on(MethodArgumentTypeMismatchException e) {
    return reply(400, ErrorReply.of("'" + e.getValue() + "' is no " + e.getName()));
  }

  @ExceptionHandler
  ResponseEntity<ErrorReply> on(IllegalArgumentException e) {
    return reply(400, ErrorReply.of(String.valueOf(e.getMessage())));
  }

  @ExceptionHandler
  ResponseEntity<ErrorReply> on(Exception e) {
    if (e instanceof ErrorResponse response) {
      String detail = response.getBody().getDetail();
      return reply(
          response.getStatusCode().value(),
          ErrorReply.of(detail == null ? "there is no such call" : detail));
    }
    LOG.error("a call failed", e);
    return reply(500, ErrorReply.of("the manager failed: " + e));
  }

  private static ResponseEntity<ErrorReply> reply(int status, ErrorReply reply) {
    return ResponseEntity.status(status).body(reply);
  }
}
