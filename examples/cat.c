/*
 * cat [FILE...]: copies files, or standard input, to standard output.
 */
#define PROGRAM "cat"
#include "plain.h"

static void copy_out(int file, const char *path) {
  static uint8_t buffer[BUFFER_SIZE];
  size_t size;
  while ((size = read_some(file, path, buffer, sizeof buffer)) > 0)
    write_to(STDOUT_FILENO, "standard output", buffer, size);
}

int main(int argc, char **argv) {
  if (argc == 1) copy_out(STDIN_FILENO, "standard input");
  for (int i = 1; i < argc; i++) {
    int file = open_to_read(argv[i]);
    copy_out(file, argv[i]);
    close(file);
  }
  return 0;
}
