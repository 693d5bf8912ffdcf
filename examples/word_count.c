/*
 * Counts the words of a text, as Phoenix's word_count does.
 *
 *   word_count [--size BYTES] [--seed N] [FILE]
 *
 * A word is a maximal run of ASCII letters (A-Z, a-z); every other byte separates, bytes from 0x80 included; words that
 * differ only in case are the same word. Output, one "KEY VALUE" a line:
 *
 *   bytes N       length of the text
 *   words N       words in all
 *   distinct N    distinct words
 *   checksum H    sum over the distinct words of FNV-1a-64(lower-case letters) x count, modulo 2^64, 16 hex digits
 *   top R C W     for R = 1 to 10: the word W with the R-th largest count C, equal counts by the bytes of the word
 *
 * The text is read into the heap as a whole and put into lower case in place, so it is streamed through and written once;
 * the table of words is small beside it and is used at random.
 */
#define PROGRAM "word_count"
#include "example.h"
#include "text.h"
#include "words.h"

struct tally {
  struct word_table table;
  uint32_t *counts; /* by number of word */
  uint32_t capacity;
  uint64_t words;
};

KERNEL void count_word(struct tally *tally, const uint8_t *letters, uint32_t length, uint64_t fnv) {
  uint32_t number = number_of_word(&tally->table, letters, length, fnv);
  if (number == tally->capacity) {
    tally->counts = grow(tally->counts, 2 * (uint64_t)tally->capacity * sizeof *tally->counts);
    memset(tally->counts + tally->capacity, 0, tally->capacity * sizeof *tally->counts);
    tally->capacity *= 2;
  }
  tally->counts[number]++;
  tally->words++;
}

KERNEL void count_words(struct tally *tally, struct input text) {
  size_t at = 0;
  while (at < text.size) {
    size_t start = at;
    uint64_t fnv = FNV_START;
    for (uint8_t letter; at < text.size && (letter = letter_of(text.bytes[at])) != 0; at++) {
      text.bytes[at] = letter;
      fnv = fnv_byte(fnv, letter);
    }
    if (at > start) count_word(tally, text.bytes + start, (uint32_t)(at - start), fnv);
    else at++;
  }
}

int main(int argc, char **argv) {
  uint64_t size = 64 * MIB;
  uint64_t seed = 1;
  const struct option options[] = {
      {"size", &size, KIB, LARGEST_INPUT}, {"seed", &seed, 0, UINT64_MAX}, {NULL, NULL, 0, 0}};
  int from_file = parse_options(argc, argv, options, 1);
  struct input text = from_file ? read_whole_file(argv[0]) : generate_text((size_t)size, seed);

  struct tally tally = {.table = make_word_table(), .capacity = 1 << 11};
  tally.counts = allocate_zeroed(tally.capacity, sizeof *tally.counts);
  count_words(&tally, text);

  uint64_t checksum = 0;
  for (uint32_t number = 0; number < tally.table.word_count; number++)
    checksum += fnv_of_word(&tally.table, number) * tally.counts[number];
  printf("bytes %" PRIu64 "\nwords %" PRIu64 "\n", (uint64_t)text.size, tally.words);
  printf("distinct %" PRIu32 "\nchecksum %016" PRIx64 "\n", tally.table.word_count, checksum);
  print_top_words(&tally.table, tally.counts);
  return 0;
}
