/*
 * grow [STEP [MOST [HOLD]]]: grows the memory by STEP WebAssembly pages of 64 KiB (16 unless told) at a time until that is
 * refused or MOST pages were added, writes to every 4 KiB of what it got, and reads all of it again. After HOLD pages it says
 * "held" and waits for the end of its standard input.
 *
 * Prints "pages P" (the size of the memory at the end), "grown G" (pages added), "refused 1" or "refused 0", and "intact"; a
 * page that was not zero at first or did not keep its contents ends it with exit code 1.
 */
#define PROGRAM "grow"
#include "../plain.h"

#define USAGE "[STEP [MOST [HOLD]]]"
#define WASM_PAGE 65536
#define PAGE 4096

static uint64_t mark(uintptr_t address) { return address * UINT64_C(0x9e3779b97f4a7c15) + 1; }

static void hold_on(void) {
  char ignored[64];
  write_text(STDOUT_FILENO, "held\n");
  while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
}

int main(int argc, char **argv) {
  if (argc > 4) usage(USAGE);
  uint64_t step = argc > 1 ? number_argument(argv[1], 65536, USAGE) : 16;
  uint64_t most = argc > 2 ? number_argument(argv[2], 65536, USAGE) : 65536;
  uint64_t hold = argc > 3 ? number_argument(argv[3], 65536, USAGE) : 0;
  if (step == 0) usage(USAGE);
  size_t first = __builtin_wasm_memory_size(0);
  uint64_t grown = 0;
  int refused = 0;
  while (grown + step <= most && !refused) {
    size_t before = __builtin_wasm_memory_grow(0, (size_t)step);
    refused = before == SIZE_MAX;
    if (refused) continue;
    if (before != first + grown) fail("memory.grow", "returned another size than before");
    grown += step;
    for (size_t page = 0; page < step * (WASM_PAGE / PAGE); page++) {
      uintptr_t address = (uintptr_t)before * WASM_PAGE + page * PAGE;
      volatile uint64_t *word = (volatile uint64_t *)(address + page % 500 * 8);
      if (*word != 0) fail("memory.grow", "a new page is not zero");
      *word = mark(address);
    }
    if (grown == hold) hold_on();
  }
  for (size_t page = 0; page < grown * (WASM_PAGE / PAGE); page++) {
    uintptr_t address = (uintptr_t)first * WASM_PAGE + page * PAGE;
    size_t page_of_step = page % (step * (WASM_PAGE / PAGE));
    if (*(volatile uint64_t *)(address + page_of_step % 500 * 8) != mark(address)) fail("memory", "a page lost its contents");
  }
  write_result("pages", __builtin_wasm_memory_size(0));
  write_result("grown", grown);
  write_result("refused", (uint64_t)refused);
  write_text(STDOUT_FILENO, "intact\n");
  return 0;
}
