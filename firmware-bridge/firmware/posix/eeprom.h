/* The EEPROM as a file: an image in memory, written through on every change. */
#ifndef CALMLOOP_EEPROM_H
#define CALMLOOP_EEPROM_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

struct eeprom {
    int fd; /* -1: forgets everything when the process ends */
    uint8_t image[STORE_IMAGE_SIZE];
};

/* Erased, and kept nowhere. */
void eeprom_volatile(struct eeprom *eeprom);

/* Keep it in a file, made erased when it does not exist. False: errno says why. */
bool eeprom_open(struct eeprom *eeprom, const char *path);

/* Write one record through to the file. False, after saying why on stderr, when the file refused it. */
bool eeprom_write(struct eeprom *eeprom, const struct store_write *write);

/* Give a chair that has no calibration yet the table of a simulated one. */
void eeprom_ensure_simulated_calibration(struct eeprom *eeprom);

#endif
