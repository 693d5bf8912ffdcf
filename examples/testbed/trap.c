/*
 * trap: prints "before" and traps.
 */
#define PROGRAM "trap"
#include "../plain.h"

int main(void) {
  write_text(STDOUT_FILENO, "before\n");
  __builtin_trap();
}
