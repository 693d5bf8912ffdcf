/*
 * spam BYTES: writes BYTES bytes to standard output, as lines of 64 bytes that begin with the number of the line.
 */
#define PROGRAM "spam"
#include "../plain.h"

#define LINE 64

int main(int argc, char **argv) {
  static uint8_t buffer[BUFFER_SIZE];
  if (argc != 2) usage("BYTES");
  uint64_t left = number_argument(argv[1], UINT64_MAX, "BYTES");
  for (uint64_t line = 0; left > 0;) {
    for (size_t at = 0; at < sizeof buffer; at += LINE, line++) {
      memset(buffer + at, '.', LINE - 1);
      uint64_t number = line;
      for (size_t digit = 12; digit > 0; digit--, number /= 10) buffer[at + digit - 1] = (uint8_t)('0' + number % 10);
      buffer[at + LINE - 1] = '\n';
    }
    size_t size = left < sizeof buffer ? (size_t)left : sizeof buffer;
    write_to(STDOUT_FILENO, "standard output", buffer, size);
    left -= size;
  }
  return 0;
}
