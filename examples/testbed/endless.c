/*
 * endless: prints "started" and then counts in memory without end, host call or growth.
 */
#define PROGRAM "endless"
#include "../plain.h"

static volatile uint64_t count;

int main(void) {
  write_text(STDOUT_FILENO, "started\n");
  for (;;) count++;
}
