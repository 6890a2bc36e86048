#define _GNU_SOURCE
#include "eeprom.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void eeprom_volatile(struct eeprom *eeprom)
{
    eeprom->fd = -1;
    memset(eeprom->image, 0xFF, sizeof eeprom->image);
}

bool eeprom_open(struct eeprom *eeprom, const char *path)
{
    eeprom_volatile(eeprom);
    eeprom->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (eeprom->fd < 0) {
        return false;
    }
    /* A shorter file is one that was never filled: the rest stays erased. */
    return pread(eeprom->fd, eeprom->image, sizeof eeprom->image, 0) >= 0;
}

bool eeprom_write(struct eeprom *eeprom, const struct store_write *write)
{
    uint8_t image[STORE_IMAGE_SIZE];

    memcpy(image, eeprom->image, sizeof image);
    memcpy(image + write->at, write->bytes, write->size);
    if (eeprom->fd >= 0 &&
        pwrite(eeprom->fd, image, sizeof image, 0) != (ssize_t)sizeof image) {
        perror("writing the store");
        return false;
    }
    memcpy(eeprom->image, image, sizeof image);
    return true;
}

void eeprom_ensure_simulated_calibration(struct eeprom *eeprom)
{
    struct store_pair pair;
    uint8_t record[CALIBRATION_RECORD_SIZE];

    if (store_read(&STORE_CALIBRATION, &pair, eeprom->image + STORE_CALIBRATION_AT, record) !=
        STORE_BLANK) {
        return;
    }
    calibration_simulated(record);
    struct store_write write = store_prepare(&STORE_CALIBRATION, &pair, record);
    (void)eeprom_write(eeprom, &write);
}
