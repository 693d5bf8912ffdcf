package org.splitrack.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the API of one version of Kubernetes takes, and nothing else. The schemas are of its own
 * OpenAPI description, as the Python package kubernetes-validate has them; of that only the file is
 * used.
 */
final class KubernetesSchemas {
  /** Names the file {@code kubernetes_validate-VERSION-py3-none-any.whl}. */
  static final String VARIABLE = "SPLITRACK_KUBERNETES_SCHEMAS";

  private static final String HOST = "https://kubernetes.io/";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path file;
  private final String folder;
  private final SchemaRegistry registry;
  private final Map<String, @Nullable Schema> kinds = new HashMap<>();

  /**
   * @param version such as 1.34
   */
  KubernetesSchemas(String version) {
    file = Path.of(System.getenv(VARIABLE));
    folder = "kubernetes_validate/kubernetes-json-schema/v" + version + ".0-local-strict/";
    // The schemas of kinds refer to their parts by a path that begins at the root.
    String parts = text("_definitions.json");
    if (parts == null) {
      throw new IllegalStateException(file + " has no schemas of Kubernetes " + version);
    }
    registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemas(Map.of(HOST + "api/_definitions.json", parts)));
  }

  /** One line for each thing that it would not take; empty when it takes all. */
  List<String> refusals(String manifests) {
    List<String> refusals = new ArrayList<>();
    for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(manifests)) {
      if (document != null) {
        check(JSON.valueToTree(document), refusals);
      }
    }
    return refusals;
  }

  private void check(JsonNode document, List<String> refusals) {
    String name =
        document.path("kind").asString("")
            + " "
            + document.path("metadata").path("name").asString("");
    Schema schema =
        kinds.computeIfAbsent(
            document.path("kind").asString("").toLowerCase(Locale.ROOT)
                + "-"
                + document.path("apiVersion").asString("").replaceFirst("(\\.[^/]*)?/", "-"),
            this::schema);
    if (schema == null) {
      refusals.add(name + ": there is no " + document.path("apiVersion").asString("nothing"));
    } else {
      schema.validate(document).forEach(error -> refusals.add(name + ": " + error));
    }
  }

  private @Nullable Schema schema(String kind) {
    String text = text(kind + ".json");
    return text == null
        ? null
        : registry.getSchema(SchemaLocation.of(HOST + kind + ".json"), JSON.readTree(text));
  }

  private @Nullable String text(String name) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(folder + name);
      if (entry == null) {
        return null;
      }
      try (InputStream in = zip.getInputStream(entry)) {
        return new String(in.readAllBytes(), UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
