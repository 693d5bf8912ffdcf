/*
 * sort_lines [-o OUTPUT] [FILE]: sorts the lines of a file, or of standard input, by their bytes.
 *
 * Every line of the output ends with \n, the last line of the input too if it had none. OUTPUT may be FILE: it is opened once
 * all lines are in memory.
 */
#define PROGRAM "sort_lines"
#include "plain.h"

#define USAGE "[-o OUTPUT] [FILE]"

struct line {
  const uint8_t *bytes;
  size_t size; /* without the \n */
};

struct text {
  uint8_t *bytes;
  size_t size;
  size_t capacity;
};

static struct text read_everything(int file, const char *path) {
  struct text text = {NULL, 0, 0};
  for (;;) {
    if (text.capacity - text.size < BUFFER_SIZE) {
      text.capacity = text.capacity * 2 + BUFFER_SIZE;
      text.bytes = realloc(text.bytes, text.capacity);
      if (text.bytes == NULL) fail(path, "does not fit in memory");
    }
    size_t size = read_some(file, path, text.bytes + text.size, BUFFER_SIZE);
    if (size == 0) return text;
    text.size += size;
  }
}

static int compare_lines(const void *a, const void *b) {
  const struct line *x = a;
  const struct line *y = b;
  int order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
  if (order != 0) return order;
  return (x->size > y->size) - (x->size < y->size);
}

static size_t count_lines(struct text text) {
  size_t lines = text.size > 0 && text.bytes[text.size - 1] != '\n';
  for (size_t i = 0; i < text.size; i++) lines += text.bytes[i] == '\n';
  return lines;
}

static void split_lines(struct text text, struct line *lines) {
  for (size_t at = 0; at < text.size; lines++) {
    const uint8_t *end = memchr(text.bytes + at, '\n', text.size - at);
    size_t size = end == NULL ? text.size - at : (size_t)(end - text.bytes) - at;
    *lines = (struct line){text.bytes + at, size};
    at += size + 1;
  }
}

static void write_lines(int file, const char *path, const struct line *lines, size_t count) {
  static uint8_t buffer[BUFFER_SIZE];
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    if (lines[i].size + 1 > sizeof buffer - used) {
      write_to(file, path, buffer, used);
      used = 0;
    }
    if (lines[i].size + 1 > sizeof buffer) {
      write_to(file, path, lines[i].bytes, lines[i].size);
    } else {
      memcpy(buffer + used, lines[i].bytes, lines[i].size);
      used += lines[i].size;
    }
    buffer[used++] = '\n';
  }
  write_to(file, path, buffer, used);
}

int main(int argc, char **argv) {
  const char *output = NULL;
  const char *input = NULL;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-o") == 0 && i + 1 < argc && output == NULL) output = argv[++i];
    else if (argv[i][0] != '-' && input == NULL) input = argv[i];
    else usage(USAGE);
  }
  const char *input_name = input == NULL ? "standard input" : input;
  int file = input == NULL ? STDIN_FILENO : open_to_read(input);
  struct text text = read_everything(file, input_name);
  if (input != NULL) close(file);

  size_t count = count_lines(text);
  struct line *lines = malloc((count + 1) * sizeof *lines);
  if (lines == NULL) fail(input_name, "does not fit in memory");
  split_lines(text, lines);
  qsort(lines, count, sizeof *lines, compare_lines);

  if (output == NULL) {
    write_lines(STDOUT_FILENO, "standard output", lines, count);
    return 0;
  }
  int destination = open_to_write(output);
  write_lines(destination, output, lines, count);
  close_written(destination, output);
  return 0;
}
