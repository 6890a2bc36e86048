/* The EEPROM: the core's store, the boot counter and the serial number; written without waiting. */
#ifndef CALMLOOP_EEPROM_H
#define CALMLOOP_EEPROM_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"
#include "store.h"

/* Behind the core's store: the boot counter in two slots, then the serial number. */
#define EEPROM_BOOT_AT STORE_SIZE
#define EEPROM_BOOT_STRIDE 16u
#define EEPROM_SERIAL_AT (EEPROM_BOOT_AT + 2u * EEPROM_BOOT_STRIDE)
#define EEPROM_USED (EEPROM_SERIAL_AT + SERIAL_SIZE)

/* Copy everything that is used. */
void eeprom_read(uint8_t image[EEPROM_USED]);

/* The id of this boot: another one each time, never 0. Counts it in the EEPROM first, which takes
 * 35 ms, so that a power cut in between can never give the same id twice. */
uint32_t eeprom_next_boot_id(const uint8_t image[EEPROM_USED]);

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
