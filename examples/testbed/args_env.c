/*
 * args_env [ARG...]: prints "arg I TEXT" for each argument, argument 0 included, then "env NAME=VALUE" for each variable.
 */
#define PROGRAM "args_env"
#include "../plain.h"

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    write_text(STDOUT_FILENO, "arg ");
    write_number(STDOUT_FILENO, (uint64_t)i);
    write_text(STDOUT_FILENO, " ");
    write_text(STDOUT_FILENO, argv[i]);
    write_text(STDOUT_FILENO, "\n");
  }
  for (char **variable = environ; *variable != NULL; variable++) {
    write_text(STDOUT_FILENO, "env ");
    write_text(STDOUT_FILENO, *variable);
    write_text(STDOUT_FILENO, "\n");
  }
  return 0;
}
