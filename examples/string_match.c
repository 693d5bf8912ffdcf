/*
 * Finds four words in a text by comparing enciphered forms, as Phoenix's string_match does: every word of the text is
 * enciphered and compared with the four enciphered keys.
 *
 *   string_match [--size BYTES] [--seed N] [--rounds N] [--keys A,B,C,D] [FILE]
 *
 * A word is a maximal run of ASCII letters, digits and "_"; case counts. The cipher of a word is N rounds (4 unless told) of
 * FNV-1a-64 over its bytes, each round going on from the result of the one before. Keys unless told: memory,string,page,the.
 * Output:
 *
 *   bytes N, words N
 *   key K M F L   for each key: matches, offset of the first and of the last match (-1 without a match)
 *   checksum H    sum of the ciphers of all words, modulo 2^64, 16 hex digits
 */
#define PROGRAM "string_match"
#include "example.h"
#include "text.h"

#define KEYS 4
#define LONGEST_KEY 63

struct key {
  char word[LONGEST_KEY + 1];
  uint64_t cipher;
  uint64_t matches;
  int64_t first;
  int64_t last;
};

static int is_word_byte(uint8_t byte) {
  return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '_';
}

KERNEL uint64_t encipher(const uint8_t *bytes, size_t length, uint64_t rounds) {
  uint64_t cipher = FNV_START;
  for (uint64_t round = 0; round < rounds; round++)
    for (size_t i = 0; i < length; i++) cipher = fnv_byte(cipher, bytes[i]);
  return cipher;
}

static void set_keys(struct key *keys, const char *list, uint64_t rounds) {
  for (int k = 0; k < KEYS; k++) {
    size_t length = strcspn(list, ",");
    if (length == 0 || length > LONGEST_KEY) fail(2, "--keys takes four words of 1 to %d bytes", LONGEST_KEY);
    memcpy(keys[k].word, list, length);
    keys[k].cipher = encipher((const uint8_t *)keys[k].word, length, rounds);
    keys[k].first = keys[k].last = -1;
    list += length;
    if (*list != (k + 1 < KEYS ? ',' : '\0')) fail(2, "--keys takes four words with commas between them");
    list++;
  }
}

/* Takes "--keys LIST" out of argv, as its value is no number. */
static const char *take_keys(int *argc, char **argv) {
  for (int i = 1; i + 1 < *argc; i++) {
    if (strcmp(argv[i], "--keys") != 0) continue;
    const char *list = argv[i + 1];
    *argc -= 2;
    for (int j = i; j < *argc; j++) argv[j] = argv[j + 2];
    return list;
  }
  return "memory,string,page,the";
}

int main(int argc, char **argv) {
  uint64_t size = 80 * MIB;
  uint64_t seed = 1;
  uint64_t rounds = 4;
  const struct option options[] = {{"size", &size, KIB, LARGEST_INPUT},
                                   {"seed", &seed, 0, UINT64_MAX},
                                   {"rounds", &rounds, 1, 1000},
                                   {NULL, NULL, 0, 0}};
  const char *key_list = take_keys(&argc, argv);
  int from_file = parse_options(argc, argv, options, 1);
  struct key keys[KEYS] = {0};
  set_keys(keys, key_list, rounds);
  struct input text = from_file ? read_whole_file(argv[0]) : generate_text((size_t)size, seed);

  uint64_t words = 0;
  uint64_t checksum = 0;
  for (size_t at = 0; at < text.size;) {
    size_t start = at;
    while (at < text.size && is_word_byte(text.bytes[at])) at++;
    if (at == start) {
      at++;
      continue;
    }
    uint64_t cipher = encipher(text.bytes + start, at - start, rounds);
    words++;
    checksum += cipher;
    for (int k = 0; k < KEYS; k++) {
      if (keys[k].cipher != cipher) continue;
      if (keys[k].matches++ == 0) keys[k].first = (int64_t)start;
      keys[k].last = (int64_t)start;
    }
  }

  printf("bytes %" PRIu64 "\nwords %" PRIu64 "\n", (uint64_t)text.size, words);
  for (int k = 0; k < KEYS; k++)
    printf("key %s %" PRIu64 " %" PRId64 " %" PRId64 "\n", keys[k].word, keys[k].matches, keys[k].first, keys[k].last);
  printf("checksum %016" PRIx64 "\n", checksum);
  return 0;
}
