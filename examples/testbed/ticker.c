/*
 * ticker PATH COUNT MILLISECONDS: appends COUNT lines "tick N" to a new file, each on disk before the next, with so long a rest
 * between them; then prints "ticks COUNT".
 */
#define PROGRAM "ticker"
#include "../plain.h"

int main(int argc, char **argv) {
  const char *how = "PATH COUNT MILLISECONDS";
  if (argc != 4) usage(how);
  uint64_t count = number_argument(argv[2], UINT64_MAX, how);
  useconds_t rest = (useconds_t)number_argument(argv[3], 10000, how) * 1000;
  int file = open_to_write(argv[1]);
  for (uint64_t tick = 1; tick <= count; tick++) {
    write_text(file, "tick ");
    write_number(file, tick);
    write_text(file, "\n");
    if (fsync(file) != 0) fail(argv[1], strerror(errno));
    usleep(rest);
  }
  write_result("ticks", count);
  return 0;
}
