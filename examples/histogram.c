/*
 * Counts the values of the red, green and blue bytes of a picture, as Phoenix's histogram does, and then equalises each colour
 * in place by its histogram.
 *
 *   histogram [--size BYTES] [--seed N] [FILE]
 *
 * FILE is a BMP picture of 24 bits a pixel, or else any file, whose bytes are taken as blue, green, red, blue, ... Without a
 * file a picture 4096 pixels wide, of gradients and noise, is made from the seed. Bytes that make no whole pixel are left out.
 * Output: "pixels N", then for each colour before and after "COLOUR before|after distinct D mode V COUNT sum S", where V is
 * the smallest value with the largest count, "last V" (the last byte of the equalised picture), and "checksum H": FNV-1a-64
 * over the counts before and after, 8 bytes each, low first.
 */
#define PROGRAM "histogram"
#include "example.h"

#define COLOURS 3
#define VALUES 256
#define WIDTH 4096
#define BMP_HEADER_SIZE 54

struct histogram {
  uint64_t counts[COLOURS][VALUES];
};

static const char *const COLOUR_NAMES[COLOURS] = {"blue", "green", "red"};

static uint8_t clamp(int32_t value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

/* Noise of about normal distribution around 0: eight nibbles of `random`. */
static int32_t noise(uint32_t random) {
  uint32_t pairs = (random & 0x0f0f0f0f) + ((random >> 4) & 0x0f0f0f0f);
  return (int32_t)((pairs * 0x01010101u) >> 24) - 60;
}

KERNEL struct input generate_picture(size_t size, uint64_t seed) {
  struct input picture = {allocate(size), size};
  size_t pixels = size / COLOURS;
  for (size_t i = 0; i < pixels; i++) {
    uint64_t random = next_random(&seed);
    int32_t x = (int32_t)(i % WIDTH);
    int32_t y = (int32_t)(i / WIDTH);
    uint8_t *pixel = picture.bytes + i * COLOURS;
    pixel[0] = clamp(96 + x / 64 + noise((uint32_t)random));
    pixel[1] = clamp(160 - y / 64 + noise((uint32_t)(random >> 16)));
    pixel[2] = clamp(48 + (x + y) / 80 + noise((uint32_t)(random >> 32)));
  }
  memset(picture.bytes + pixels * COLOURS, 0, size - pixels * COLOURS);
  return picture;
}

/* Where the pixels begin: behind the header of a BMP of 24 bits a pixel, at 0 of anything else. */
static size_t pixels_offset(struct input file) {
  if (file.size < BMP_HEADER_SIZE || file.bytes[0] != 'B' || file.bytes[1] != 'M') return 0;
  uint32_t offset;
  uint16_t bits;
  memcpy(&offset, file.bytes + 10, sizeof offset);
  memcpy(&bits, file.bytes + 28, sizeof bits);
  return bits == 24 && offset >= BMP_HEADER_SIZE && offset <= file.size ? offset : 0;
}

KERNEL void count(struct histogram *histogram, const uint8_t *pixels, size_t pixel_count) {
  memset(histogram, 0, sizeof *histogram);
  for (size_t i = 0; i < pixel_count; i++)
    for (int colour = 0; colour < COLOURS; colour++) histogram->counts[colour][pixels[i * COLOURS + colour]]++;
}

/* Maps each value to the share of pixels at or below it, so that the values spread over 0 to 255; `after` is what results. */
KERNEL void equalise(const struct histogram *before, struct histogram *after, uint8_t *pixels, size_t pixel_count) {
  uint8_t map[COLOURS][VALUES];
  for (int colour = 0; colour < COLOURS; colour++) {
    uint64_t below = 0;
    for (int value = 0; value < VALUES; value++) {
      below += before->counts[colour][value];
      map[colour][value] = (uint8_t)(below * (VALUES - 1) / (pixel_count == 0 ? 1 : pixel_count));
      after->counts[colour][map[colour][value]] += before->counts[colour][value];
    }
  }
  for (size_t i = 0; i < pixel_count; i++)
    for (int colour = 0; colour < COLOURS; colour++)
      pixels[i * COLOURS + colour] = map[colour][pixels[i * COLOURS + colour]];
}

KERNEL uint64_t report(const struct histogram *histogram, const char *when, uint64_t checksum) {
  for (int colour = 0; colour < COLOURS; colour++) {
    const uint64_t *counts = histogram->counts[colour];
    unsigned distinct = 0;
    unsigned mode = 0;
    uint64_t sum = 0;
    for (unsigned value = 0; value < VALUES; value++) {
      distinct += counts[value] != 0;
      if (counts[value] > counts[mode]) mode = value;
      sum += value * counts[value];
      for (int byte = 0; byte < 8; byte++) checksum = fnv_byte(checksum, (uint8_t)(counts[value] >> (8 * byte)));
    }
    printf("%s %s distinct %u mode %u %" PRIu64 " sum %" PRIu64 "\n", COLOUR_NAMES[colour], when, distinct, mode, counts[mode],
           sum);
  }
  return checksum;
}

int main(int argc, char **argv) {
  uint64_t size = 72 * MIB;
  uint64_t seed = 1;
  const struct option options[] = {
      {"size", &size, KIB, LARGEST_INPUT}, {"seed", &seed, 0, UINT64_MAX}, {NULL, NULL, 0, 0}};
  int from_file = parse_options(argc, argv, options, 1);
  struct input picture = from_file ? read_whole_file(argv[0]) : generate_picture((size_t)size, seed);
  size_t offset = from_file ? pixels_offset(picture) : 0;
  uint8_t *pixels = picture.bytes + offset;
  size_t pixel_count = (picture.size - offset) / COLOURS;

  static struct histogram before;
  static struct histogram after;
  count(&before, pixels, pixel_count);
  equalise(&before, &after, pixels, pixel_count);
  uint64_t last = pixel_count == 0 ? 0 : pixels[pixel_count * COLOURS - 1];

  printf("pixels %" PRIu64 "\n", (uint64_t)pixel_count);
  uint64_t checksum = report(&before, "before", FNV_START);
  checksum = report(&after, "after", checksum);
  printf("last %" PRIu64 "\nchecksum %016" PRIx64 "\n", last, checksum);
  return 0;
}
