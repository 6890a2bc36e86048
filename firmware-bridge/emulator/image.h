/* The firmware's ELF file: what goes into the flash and the fuses, and where its symbols lie. */
#ifndef CALMLOOP_IMAGE_H
#define CALMLOOP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_FLASH_SIZE 0x8000u
#define IMAGE_FUSES 3u
#define IMAGE_SYMBOLS_MAX 1024u
#define IMAGE_NAME_SIZE 48u

struct image_symbol {
    char name[IMAGE_NAME_SIZE];
    uint32_t address; /* of flash, or 0x800000 and an address of memory */
};

struct image {
    uint8_t flash[IMAGE_FLASH_SIZE];
    uint8_t fuses[IMAGE_FUSES];
    size_t symbols;
    struct image_symbol symbol[IMAGE_SYMBOLS_MAX];
};

/* Read a file. False, after saying why on stderr. */
bool image_read(struct image *image, const char *path);

/* Find a symbol. False when the firmware has none of this name. */
bool image_find(const struct image *image, const char *name, uint32_t *address);

#endif
