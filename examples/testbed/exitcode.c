/*
 * exitcode N: ends with exit code N, 0 to 255.
 */
#define PROGRAM "exitcode"
#include "../plain.h"

int main(int argc, char **argv) {
  if (argc != 2) usage("N");
  return (int)number_argument(argv[1], 255, "N");
}
