package org.splitrack.manager.internal.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.cert.X509Certificate;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.TlsCredentials;
import org.springframework.web.filter.OncePerRequestFilter;

/** Over TLS the API is for the rack command: a component's certificate does not do. */
public final class CommandRole extends OncePerRequestFilter {
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getAttribute(CERTIFICATES) instanceof X509Certificate[] shown
        && shown.length > 0
        && TlsCredentials.roleOf(shown[0]) == Role.CLI) {
      chain.doFilter(request, response);
    } else {
      ErrorReply.send(response, 403, "this needs a certificate of the rack command");
    }
  }
}
