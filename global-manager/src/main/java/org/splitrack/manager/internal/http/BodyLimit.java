package org.splitrack.manager.internal.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses bodies that are longer than any command needs, and those that do not say how long they
 * are, before a byte is read. Bodies that are streamed (programs, files) have limits of their own.
 */
public final class BodyLimit extends OncePerRequestFilter {
  public static final long MAX_JSON_BYTES = 1L << 20;

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String path = request.getRequestURI();
    return request.getMethod().equals("PUT")
        && (path.startsWith("/v1/programs/") || path.equals("/v1/files/content"));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean unknownLength =
        request.getContentLengthLong() < 0 && request.getHeader("Transfer-Encoding") != null;
    if (unknownLength) {
      ErrorReply.send(response, 411, "the request does not say how long it is");
    } else if (request.getContentLengthLong() > MAX_JSON_BYTES) {
      ErrorReply.send(response, 413, "a request has at most " + MAX_JSON_BYTES + " bytes");
    } else {
      chain.doFilter(request, response);
    }
  }
}
