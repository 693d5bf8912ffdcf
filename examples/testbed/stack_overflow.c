/*
 * stack_overflow [memory]: recurses without end, which traps.
 *
 * Unless told otherwise the recursion uses the host's call stack only; with "memory" each call also takes 1 KiB of the stack
 * in linear memory, which lies at its start, so that the stack pointer passes below address 0.
 */
#define PROGRAM "stack_overflow"
#include "../plain.h"

static volatile uint32_t depth;

/* Never true, which the compiler cannot know. */
static int is_deep_enough(void) { return depth == UINT32_MAX; }

__attribute__((noinline)) static uint32_t recurse(uint32_t n) {
  if (is_deep_enough()) return n;
  depth = n;
  uint32_t below = recurse(n + 1);
  return below + depth;
}

__attribute__((noinline)) static uint32_t recurse_in_memory(uint32_t n) {
  volatile uint8_t frame[1024];
  if (is_deep_enough()) return n;
  depth = n;
  frame[n % sizeof frame] = (uint8_t)n;
  uint32_t below = recurse_in_memory(n + 1);
  return below + frame[n % sizeof frame];
}

int main(int argc, char **argv) {
  if (argc > 2 || (argc == 2 && strcmp(argv[1], "memory") != 0)) usage("[memory]");
  uint32_t result = argc == 2 ? recurse_in_memory(1) : recurse(1);
  write_result("returned", result);
  return 1;
}
