/*
 * copy SOURCE DESTINATION: copies a file; an existing DESTINATION is replaced.
 */
#define PROGRAM "copy"
#include "plain.h"

int main(int argc, char **argv) {
  static uint8_t buffer[BUFFER_SIZE];
  if (argc != 3) usage("SOURCE DESTINATION");
  int source = open_to_read(argv[1]);
  int destination = open_to_write(argv[2]);
  size_t size;
  while ((size = read_some(source, argv[1], buffer, sizeof buffer)) > 0) write_to(destination, argv[2], buffer, size);
  close(source);
  close_written(destination, argv[2]);
  return 0;
}
