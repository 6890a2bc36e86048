/* The EEPROM: the core's store, the boot counter and the serial number; written without waiting. */
#ifndef CALMLOOP_EEPROM_H
#define CALMLOOP_EEPROM_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"
#include "store.h"

/* Where the core's store leaves room: the boot counter in two slots, then the serial number. */
#define EEPROM_BOOT_AT 96u
#define EEPROM_BOOT_STRIDE 16u
#define EEPROM_SERIAL_AT (EEPROM_BOOT_AT + 2u * EEPROM_BOOT_STRIDE)
#define EEPROM_USED (EEPROM_SERIAL_AT + SERIAL_SIZE)

/* Copy everything that is used but the calibration. */
void eeprom_read(uint8_t image[EEPROM_USED]);

/* Copy the calibration's two slots. */
void eeprom_read_calibration(uint8_t slots[STORE_CALIBRATION_SIZE]);

/* Count this boot, which takes 35 ms, before anything is named by it. False: the count does not read back, so
 * that the next boot would have the same. How long each byte took, by the EEPROM's own oscillator, is mixed
 * into a running CRC-32C. */
bool eeprom_count_boot(const uint8_t image[EEPROM_USED], uint32_t *count, uint32_t *running);

/* The id of a boot: another one each time for a million boots, never 0. Its lowest bits are chance, so that
 * a count that comes again after all hardly ever gives the same. */
uint32_t eeprom_boot_id(uint32_t count, uint32_t chance);

/* The record of a minute, as chair_restore_minute takes it. */
void eeprom_read_minute(uint8_t step, uint8_t record[STORE_MINUTE_SIZE]);

/* The serial number, "UNSET" in an erased EEPROM. */
void eeprom_serial(const uint8_t image[EEPROM_USED], uint8_t serial[SERIAL_SIZE]);

/* Nothing is being written, so that a record may be handed over. */
bool eeprom_is_idle(void);

/* The record begun last reads back as it was given. Only when nothing is being written. */
bool eeprom_is_as_written(void);

/* Begin to write a record. */
void eeprom_begin(const struct store_write *write);

/* Write the next byte of it if the last one is done. Call on every turn. */
void eeprom_poll(void);

#endif
