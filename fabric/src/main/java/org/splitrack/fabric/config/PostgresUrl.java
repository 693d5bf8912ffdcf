package org.splitrack.fabric.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.splitrack.fabric.Endpoint;

/**
 * What the JDBC URL of a rack's PostgreSQL says.
 *
 * @param servers in the order in which they are tried
 * @param database its name
 * @param encrypted it demands TLS
 */
public record PostgresUrl(List<Endpoint> servers, String database, boolean encrypted) {
  private static final Pattern FORM =
      Pattern.compile("jdbc:postgresql://([^/?]+)/([^/?]+)(?:\\?(.*))?");

  private static final Pattern DEMANDS_TLS =
      Pattern.compile("(.*&)?(sslmode=(require|verify-ca|verify-full)|ssl(=true)?)(&.*)?");

  private static final String DEFAULT_PORT = ":5432";

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException in one line when it is none of PostgreSQL
   */
  public static PostgresUrl parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not jdbc:postgresql://HOST:PORT/DATABASE");
    }
    List<Endpoint> servers = new ArrayList<>();
    for (String server : matcher.group(1).split(",", -1)) {
      servers.add(Endpoint.parse(server.contains(":") ? server : server + DEFAULT_PORT));
    }
    String parameters = matcher.group(3);
    return new PostgresUrl(
        List.copyOf(servers),
        matcher.group(2),
        parameters != null && DEMANDS_TLS.matcher(parameters).matches());
  }

  /**
   * The same database through a port that leads to a server of it. A certificate names another
   * place than that, so it is not checked.
   */
  public String through(Endpoint port) {
    return "jdbc:postgresql://%s/%s%s"
        .formatted(port, database, encrypted ? "?sslmode=require" : "");
  }
}
