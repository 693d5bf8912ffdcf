/*
 * wc [FILE...]: prints "LINES WORDS BYTES NAME" for each file, and a total for several; for standard input without a name.
 *
 * A line ends with \n. A word is a maximal run of bytes other than space, \t, \n, \v, \f and \r.
 */
#define PROGRAM "wc"
#include "plain.h"

struct counts {
  uint64_t lines;
  uint64_t words;
  uint64_t bytes;
};

static struct counts count(int file, const char *path) {
  static uint8_t buffer[BUFFER_SIZE];
  struct counts counts = {0};
  int in_word = 0;
  size_t size;
  while ((size = read_some(file, path, buffer, sizeof buffer)) > 0) {
    counts.bytes += size;
    for (size_t i = 0; i < size; i++) {
      int is_space = buffer[i] == ' ' || (buffer[i] >= '\t' && buffer[i] <= '\r');
      counts.lines += buffer[i] == '\n';
      counts.words += !is_space && !in_word;
      in_word = !is_space;
    }
  }
  return counts;
}

static void print(struct counts counts, const char *name) {
  write_number(STDOUT_FILENO, counts.lines);
  write_text(STDOUT_FILENO, " ");
  write_number(STDOUT_FILENO, counts.words);
  write_text(STDOUT_FILENO, " ");
  write_number(STDOUT_FILENO, counts.bytes);
  if (name != NULL) {
    write_text(STDOUT_FILENO, " ");
    write_text(STDOUT_FILENO, name);
  }
  write_text(STDOUT_FILENO, "\n");
}

int main(int argc, char **argv) {
  if (argc == 1) print(count(STDIN_FILENO, "standard input"), NULL);
  struct counts total = {0};
  for (int i = 1; i < argc; i++) {
    int file = open_to_read(argv[i]);
    struct counts counts = count(file, argv[i]);
    close(file);
    print(counts, argv[i]);
    total.lines += counts.lines;
    total.words += counts.words;
    total.bytes += counts.bytes;
  }
  if (argc > 2) print(total, "total");
  return 0;
}
