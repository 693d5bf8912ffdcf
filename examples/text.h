/*
 * English-like text from a seed, for word_count, string_match and reverse_index when no file is given.
 *
 * Word frequencies follow Zipf's law roughly: each octave of ranks (1, 2-3, 4-7, ...) is equally likely.
 */
#ifndef TEXT_H
#define TEXT_H

#include "example.h"

#define VOCABULARY_OCTAVES 17
#define VOCABULARY_SIZE ((1 << VOCABULARY_OCTAVES) - 1)
#define LONGEST_GENERATED_WORD 15

struct vocabulary_word {
  uint8_t length;
  char letters[LONGEST_GENERATED_WORD];
};

static const char *const COMMON_WORDS[] = {
    "the",  "of",   "and",   "to",     "in",   "a",    "is",      "that", "for",  "it",     "as",
    "was",  "with", "page",  "memory", "rack", "on",   "be",      "by",   "this", "are",    "from",
    "data", "or",   "which", "string", "not",  "have", "process", "file", "time", "region", "home",
};

#define COMMON_WORD_COUNT (sizeof COMMON_WORDS / sizeof *COMMON_WORDS)

/* Alternating consonants and vowels; a rare word is longer than a common one. */
static inline struct vocabulary_word invent_word(uint64_t rank, uint64_t random) {
  static const char CONSONANTS[] = "bcdfghklmnprstvw";
  static const char VOWELS[] = "aeiouaei";
  struct vocabulary_word word = {0};
  unsigned length = 3 + (unsigned)(random & 3) + (rank > 500) + 2 * (rank > 20000);
  random >>= 2;
  unsigned consonant = random & 1;
  random >>= 1;
  for (unsigned i = 0; i < length; i++) {
    word.letters[i] = consonant ? CONSONANTS[random & 15] : VOWELS[random & 7];
    random >>= 4;
    consonant = !consonant;
  }
  word.length = (uint8_t)length;
  return word;
}

KERNEL struct vocabulary_word *make_vocabulary(uint64_t seed) {
  struct vocabulary_word *words = allocate_zeroed(VOCABULARY_SIZE, sizeof *words);
  for (uint64_t rank = 0; rank < VOCABULARY_SIZE; rank++) {
    if (rank < COMMON_WORD_COUNT) {
      words[rank].length = (uint8_t)strlen(COMMON_WORDS[rank]);
      memcpy(words[rank].letters, COMMON_WORDS[rank], words[rank].length);
    } else {
      words[rank] = invent_word(rank, next_random(&seed));
    }
  }
  return words;
}

/* Exactly `size` bytes: words, spaces, commas, full stops followed by a capital, and a new line after about 64 bytes. */
KERNEL struct input generate_text(size_t size, uint64_t seed) {
  struct vocabulary_word *words = make_vocabulary(seed);
  struct input text = {allocate(size), size};
  size_t at = 0;
  size_t line_start = 0;
  int capital = 1;
  while (size - at > LONGEST_GENERATED_WORD + 2) {
    uint64_t random = next_random(&seed);
    uint64_t octave = ((random & 0xffff) * VOCABULARY_OCTAVES) >> 16;
    uint64_t rank = ((uint64_t)1 << octave) - 1 + ((random >> 16) & (((uint64_t)1 << octave) - 1));
    const struct vocabulary_word *word = &words[rank];
    /* A constant length is a few plain stores; what is beyond the word is overwritten by the next. */
    memcpy(text.bytes + at, word->letters, LONGEST_GENERATED_WORD);
    if (capital) text.bytes[at] = (uint8_t)(text.bytes[at] - 'a' + 'A');
    at += word->length;
    unsigned mark = (random >> 48) & 63;
    capital = mark < 4;
    if (mark < 4) text.bytes[at++] = '.';
    else if (mark < 9) text.bytes[at++] = ',';
    int line_is_full = at - line_start >= 64;
    text.bytes[at++] = line_is_full ? '\n' : ' ';
    if (line_is_full) line_start = at;
  }
  memset(text.bytes + at, '\n', size - at);
  free(words);
  return text;
}

#endif
