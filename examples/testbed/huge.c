/* Declares a gigabyte of initial memory (by its link flags), more than a small rack has. */
#include <stdio.h>

int main(void) {
  puts("a gigabyte was there");
  return 0;
}
