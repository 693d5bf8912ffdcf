/*
 * oob [load|store|straddle|high|copy|fill]: accesses memory that is not there, which traps.
 *
 *   load, store   the first byte beyond the memory; load unless told
 *   straddle      8 bytes of which the last is beyond the memory
 *   high          the last byte of the address space, 0xffffffff
 *   copy, fill    memory.copy from, memory.fill to a range that ends beyond the memory; nothing of it may be done
 *
 * Ends with exit code 1 if the access did not trap.
 */
#define PROGRAM "oob"
#include "../plain.h"

#define LENGTH 4096

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "load";
  uintptr_t end = (uintptr_t)__builtin_wasm_memory_size(0) * 65536;
  static uint8_t here[LENGTH];
  if (argc > 2) usage("[load|store|straddle|high|copy|fill]");
  if (strcmp(how, "load") == 0) (void)*(volatile uint8_t *)end;
  else if (strcmp(how, "store") == 0) *(volatile uint8_t *)end = 1;
  else if (strcmp(how, "straddle") == 0) (void)*(volatile uint64_t *)(end - 7);
  else if (strcmp(how, "high") == 0) (void)*(volatile uint8_t *)UINTPTR_MAX;
  else if (strcmp(how, "copy") == 0) memcpy(here, (const void *)(end - LENGTH + 1), LENGTH);
  else if (strcmp(how, "fill") == 0) memset((void *)(end - LENGTH + 1), 1, LENGTH);
  else usage("[load|store|straddle|high|copy|fill]");
  __asm__ volatile("" : : "r"(here) : "memory"); /* so that the copy is not left out as unused */
  fail(how, "did not trap");
}
