package org.splitrack.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The manager's HTTP API, for what no command does and for what must be asked without delay. */
final class ManagerDoor {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Rack rack;

  ManagerDoor(Rack rack) {
    this.rack = rack;
  }

  JsonNode migration(String number) {
    return call(request("/v1/migrations/" + number).GET().build());
  }

  /** Begins to move a region; the migration's number. */
  String migrate(long region, String target) {
    String body =
        JsonMapper.shared().writeValueAsString(Map.of("region", region, "target", target));
    return call(request("/v1/migrations")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build())
        .path("migration")
        .asString("");
  }

  private HttpRequest.Builder request(String path) {
    JsonNode door = rack.description().path("manager").path("http");
    String address =
        door.isString()
            ? door.asString()
            : door.path("host").asString() + ":" + door.path("port").asInt();
    try {
      String token = Files.readString(rack.state().resolve("secrets/operator-token")).strip();
      return HttpRequest.newBuilder(URI.create("http://" + address + path))
          .timeout(LIMIT)
          .header("Authorization", "Bearer " + token);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode call(HttpRequest request) {
    try {
      String body = http.send(request, BodyHandlers.ofString()).body();
      return JsonMapper.shared().readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
