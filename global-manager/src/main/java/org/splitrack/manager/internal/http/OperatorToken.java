package org.splitrack.manager.internal.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets only those pass who show the rack's operator token; all may see the health page. */
public final class OperatorToken extends OncePerRequestFilter {
  private static final String HEALTH = "/actuator/health";
  private static final String SCHEME = "Bearer ";

  private final byte[] token;

  /**
   * @param token what has to be shown; not empty
   */
  public OperatorToken(String token) {
    if (token.isBlank()) {
      throw new IllegalArgumentException("an empty operator token would let everyone in");
    }
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads it from {@code splitrack.operator-token-file}.
   *
   * @throws IllegalArgumentException with one line when the property is not set
   */
  public static OperatorToken read(@Nullable Path file) throws IOException {
    if (file == null) {
      throw new IllegalArgumentException("splitrack.operator-token-file is not set");
    }
    return new OperatorToken(Files.readString(file).strip());
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String path = request.getServletPath();
    return path.equals(HEALTH) || path.startsWith(HEALTH + "/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (isShown(request.getHeader("Authorization"))) {
      chain.doFilter(request, response);
    } else {
      ErrorReply.send(response, 401, "this needs the rack's operator token; see DIR/secrets");
    }
  }

  /** Takes the same time wherever the first difference is. */
  private boolean isShown(@Nullable String header) {
    return header != null
        && header.startsWith(SCHEME)
        && MessageDigest.isEqual(
            header.substring(SCHEME.length()).getBytes(StandardCharsets.UTF_8), token);
  }
}
