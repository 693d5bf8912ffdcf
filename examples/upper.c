/*
 * upper: copies standard input to standard output with a-z as A-Z.
 */
#define PROGRAM "upper"
#include "plain.h"

int main(int argc, char **argv) {
  static uint8_t buffer[BUFFER_SIZE];
  (void)argv;
  if (argc != 1) usage("< INPUT");
  size_t size;
  while ((size = read_some(STDIN_FILENO, "standard input", buffer, sizeof buffer)) > 0) {
    for (size_t i = 0; i < size; i++)
      if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] = (uint8_t)(buffer[i] - 'a' + 'A');
    write_to(STDOUT_FILENO, "standard output", buffer, size);
  }
  return 0;
}
