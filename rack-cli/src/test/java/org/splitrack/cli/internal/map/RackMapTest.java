package org.splitrack.cli.internal.map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.splitrack.cli.internal.map.RackMap.Component;
import org.splitrack.cli.internal.map.RackMap.Move;
import org.splitrack.cli.internal.map.RackMap.Program;
import org.splitrack.cli.internal.map.RackMap.Region;
import org.w3c.dom.Document;

class RackMapTest {
  private static final RackMap MAP =
      new RackMap(
          Instant.parse("2026-01-02T03:04:05Z"),
          List.of(
              component("global-manager-0", "up"),
              component("mcomponent-0", "up"),
              component("mcomponent-1", "down"),
              component("mcomponent-2", "suspect"),
              component("pcomponent-0", "up")),
          List.of(new Program(3, "a<b", "pcomponent-0", "safe")),
          List.of(
              new Region(7, 3, "mcomponent-0", List.of("mcomponent-2"), 5, 2, 2, true),
              new Region(8, 3, "mcomponent-2", List.of(), 6, 1, 2, false),
              new Region(9, 3, "mcomponent-2", List.of("mcomponent-0"), 2, 2, 2, false)),
          List.of(new Move(4, 9, "mcomponent-2", "mcomponent-0", "copying")));

  private static Component component(String name, String state) {
    return new Component(name, state, 1L << 30, 48L << 20);
  }

  @Test
  void shouldDrawComponentsRegionsCopiesAndMovesAsText() {
    assertThat(String.join("\n", TerminalMap.draw(MAP)))
        .isEqualTo(
            """
            pcomponent-0     up       3 a<b (safe)

            mcomponent-0     up       48 of 1024 MiB
                                      [7>]
                                      (9)
            mcomponent-1     down     48 of 1024 MiB
            mcomponent-2     suspect  48 of 1024 MiB
                                      [8!] [9>]
                                      (7)

            global-manager-0 up

            [7] region 7 has its home there   (7) a copy in sync   [7>] it moves   [7!] a copy is missing
            region 9 moves: mcomponent-2 → mcomponent-0 (migration 4, copying)
            1 of 3 regions lack a copy""");
  }

  @Test
  void shouldDrawAPictureWithACellForEveryCopy() throws Exception {
    // when
    Document picture = parsed(SvgMap.draw(MAP));

    // then
    assertThat(texts(picture, "title"))
        .hasSize(5)
        .contains("region 8 of process 3, epoch 6: home mcomponent-2, copies ");
    assertThat(texts(picture, "text"))
        .contains("3 a<b · ack safe", "mcomponent-1 down", "region 9", "7", "8", "9");
  }

  @Test
  void shouldBoundWhatItDrawsOfVeryManyRegions() throws Exception {
    // given
    List<Region> regions =
        LongStream.rangeClosed(1, 5_000)
            .mapToObj(number -> new Region(number, 3, "mcomponent-0", List.of(), 1, 1, 1, false))
            .toList();
    RackMap large = new RackMap(MAP.at(), MAP.components(), MAP.programs(), regions, List.of());

    // then
    assertThat(TerminalMap.draw(large)).hasSizeLessThan(20).anyMatch(l -> l.endsWith("more"));
    assertThat(texts(parsed(SvgMap.draw(large)), "title")).hasSizeLessThan(100);
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
  }

  private static List<String> texts(Document document, String element) {
    var nodes = document.getElementsByTagName(element);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }
}
