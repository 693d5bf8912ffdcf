package org.splitrack.cli.internal.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A count of a text's words without the rack, to check the program's by. A word is a run of ASCII
 * letters, in either case.
 *
 * @param counts by word in small letters
 */
public record WordCount(long bytes, long words, Map<String, Integer> counts) {
  private static final int TOP = 10;
  private static final int LONGEST_KEPT = 1 << 16;

  /** Reads and counts a text. */
  public static WordCount of(Path text) throws IOException {
    Map<String, int[]> tallies = new HashMap<>();
    long bytes = 0;
    long words = 0;
    StringBuilder word = new StringBuilder();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(text), LONGEST_KEPT)) {
      byte[] buffer = new byte[LONGEST_KEPT];
      int length;
      while ((length = in.read(buffer)) > 0) {
        bytes += length;
        for (int i = 0; i < length; i++) {
          int small = buffer[i] | 0x20;
          if (small >= 'a' && small <= 'z') {
            word.append((char) small);
          } else if (!word.isEmpty()) {
            words++;
            tally(tallies, word);
          }
        }
      }
    }
    if (!word.isEmpty()) {
      words++;
      tally(tallies, word);
    }
    Map<String, Integer> counts = new HashMap<>();
    tallies.forEach((key, tally) -> counts.put(key, tally[0]));
    return new WordCount(bytes, words, counts);
  }

  private static void tally(Map<String, int[]> tallies, StringBuilder word) {
    tallies.computeIfAbsent(word.toString(), _ -> new int[1])[0]++;
    word.setLength(0);
  }

  /** What examples/word_count prints for this text. */
  public String asPrinted() {
    StringBuilder printed = new StringBuilder();
    printed.append("bytes ").append(bytes).append('\n');
    printed.append("words ").append(words).append('\n');
    printed.append("distinct ").append(counts.size()).append('\n');
    printed.append("checksum ").append("%016x".formatted(checksum())).append('\n');
    int rank = 1;
    for (Map.Entry<String, Integer> top : top()) {
      printed
          .append("top ")
          .append(rank++)
          .append(' ')
          .append(top.getValue())
          .append(' ')
          .append(top.getKey())
          .append('\n');
    }
    return printed.toString();
  }

  /** The most frequent words; equal counts by the alphabet. */
  List<Map.Entry<String, Integer>> top() {
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
        .limit(TOP)
        .toList();
  }

  /** Sum over the words of FNV-1a-64 times count. */
  long checksum() {
    long sum = 0;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      sum += fnv(entry.getKey()) * entry.getValue();
    }
    return sum;
  }

  private static long fnv(String word) {
    long hash = 0xcbf29ce484222325L;
    for (byte letter : word.getBytes(StandardCharsets.US_ASCII)) {
      hash = (hash ^ (letter & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
