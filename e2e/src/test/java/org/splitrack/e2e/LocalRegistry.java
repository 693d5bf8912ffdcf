package org.splitrack.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A registry of container images on this machine, which takes pushes as the OCI distribution
 * specification says: blobs must have the digests that are claimed, and manifests name only blobs
 * that are there. It speaks HTTP, and answers who speaks TLS as registries do: in clear.
 */
final class LocalRegistry implements AutoCloseable {
  private static final Pattern PATH =
      Pattern.compile("/v2/(?<name>.+)/(?<kind>blobs/uploads|blobs|manifests)/(?<rest>[^/]*)");
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The first byte of TLS. */
  private static final int HANDSHAKE = 0x16;

  private final HttpServer server;
  private final ServerSocket door;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final AtomicInteger uploadNumber = new AtomicInteger();
  private final AtomicInteger uploaded = new AtomicInteger();
  private volatile boolean closedToUs;

  LocalRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      door = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v2/", this::handle);
    server.start();
    threads.execute(this::letIn);
  }

  /** As {@code rack images --push} takes it. */
  String address() {
    return "localhost:" + door.getLocalPort();
  }

  /** From now on it wants credentials that nobody has. */
  void closeToUs() {
    closedToUs = true;
  }

  /** Blobs that were uploaded so far. */
  int uploaded() {
    return uploaded.get();
  }

  /** {@code NAME:TAG} of all images. */
  Set<String> images() {
    return new TreeSet<>(manifests.keySet());
  }

  /** What the image {@code NAME:TAG} is run with. */
  JsonNode config(String image) {
    return description(image).path("config");
  }

  /** Its configuration and history. */
  JsonNode description(String image) {
    return JSON.readTree(blob(manifest(image).path("config")));
  }

  /** Its layers as they were sent, the base's first. */
  List<byte[]> layers(String image) {
    return manifest(image).path("layers").valueStream().map(this::blob).toList();
  }

  private JsonNode manifest(String image) {
    return JSON.readTree(manifests.get(image));
  }

  private byte[] blob(JsonNode descriptor) {
    return Objects.requireNonNull(blobs.get(descriptor.path("digest").asString()));
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.stop(0);
    threads.shutdownNow();
    threads.close();
  }

  private void letIn() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        threads.execute(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    try (client;
        Socket inside =
            new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
      int first = client.getInputStream().read();
      if (first == HANDSHAKE) {
        client.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(UTF_8));
      } else if (first >= 0) {
        inside.getOutputStream().write(first);
        threads.execute(() -> pass(inside, client));
        pass(client, inside);
      }
    } catch (IOException gone) {
      // One of the two has had enough.
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException gone) {
      // The other direction ends as well.
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
      if (closedToUs) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"registry\"");
        answer(exchange, 401, "UNAUTHORIZED");
      } else if (!path.matches()) {
        exchange.sendResponseHeaders(200, -1);
      } else {
        switch (path.group("kind")) {
          case "blobs" -> look(exchange, path.group("rest"));
          case "blobs/uploads" -> upload(exchange, path.group("name"), path.group("rest"), body);
          default -> keep(exchange, path.group("name") + ":" + path.group("rest"), body);
        }
      }
    }
  }

  private void look(HttpExchange exchange, String digest) throws IOException {
    byte[] blob = blobs.get(digest);
    if (blob == null) {
      exchange.sendResponseHeaders(404, -1);
    } else {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(blob.length));
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void upload(HttpExchange exchange, String name, String upload, byte[] body)
      throws IOException {
    if (exchange.getRequestMethod().equals("POST")) {
      String number = Integer.toString(uploadNumber.incrementAndGet());
      uploads.put(number, new ByteArrayOutputStream());
      exchange.getResponseHeaders().set("Location", "/v2/" + name + "/blobs/uploads/" + number);
      exchange.sendResponseHeaders(202, -1);
      return;
    }
    ByteArrayOutputStream bytes = uploads.get(upload);
    if (bytes == null) {
      answer(exchange, 404, "BLOB_UPLOAD_UNKNOWN");
      return;
    }
    bytes.write(body);
    if (exchange.getRequestMethod().equals("PATCH")) {
      exchange.getResponseHeaders().set("Location", "/v2/" + name + "/blobs/uploads/" + upload);
      exchange.sendResponseHeaders(202, -1);
      return;
    }
    String claimed = exchange.getRequestURI().getQuery().replaceFirst(".*digest=", "");
    if (!claimed.equals(digest(bytes.toByteArray()))) {
      answer(exchange, 400, "DIGEST_INVALID");
      return;
    }
    blobs.put(claimed, bytes.toByteArray());
    uploads.remove(upload);
    uploaded.incrementAndGet();
    exchange.sendResponseHeaders(201, -1);
  }

  private void keep(HttpExchange exchange, String image, byte[] body) throws IOException {
    if (!exchange.getRequestMethod().equals("PUT")) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    JsonNode manifest = JSON.readTree(body);
    boolean whole = blobs.containsKey(manifest.path("config").path("digest").asString());
    for (JsonNode layer : manifest.path("layers")) {
      whole &= blobs.containsKey(layer.path("digest").asString());
    }
    if (!whole) {
      answer(exchange, 400, "MANIFEST_BLOB_UNKNOWN");
      return;
    }
    manifests.put(image, body);
    exchange.getResponseHeaders().set("Docker-Content-Digest", digest(body));
    exchange.sendResponseHeaders(201, -1);
  }

  private static void answer(HttpExchange exchange, int status, String code) throws IOException {
    byte[] error = "{\"errors\":[{\"code\":\"%s\"}]}".formatted(code).getBytes(UTF_8);
    exchange.sendResponseHeaders(status, error.length);
    exchange.getResponseBody().write(error);
  }

  /** As image formats write it: {@code sha256:} and 64 digits. */
  static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
