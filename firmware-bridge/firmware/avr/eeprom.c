#include "eeprom.h"

#include <avr/eeprom.h>
#include <string.h>

#include "bytes.h"

#define BOOT_RECORD_SIZE 4u
#define ERASED 0xFFu

static const struct store_place BOOT_COUNTER = {EEPROM_BOOT_AT, EEPROM_BOOT_STRIDE,
                                                BOOT_RECORD_SIZE};

static struct store_write current;
static uint8_t written;

static uint8_t *at(uint16_t offset)
{
    return (uint8_t *)(uintptr_t)offset;
}

void eeprom_read(uint8_t image[EEPROM_USED])
{
    eeprom_read_block(image, at(0), EEPROM_USED);
}

/* Every step can be undone, so that different counts stay different; only 0 gives 0. */
static uint32_t scatter(uint32_t count)
{
    count ^= count >> 16;
    count *= UINT32_C(0x7FEB352D);
    count ^= count >> 15;
    count *= UINT32_C(0x846CA68B);
    return count ^ (count >> 16);
}

uint32_t eeprom_next_boot_id(const uint8_t image[EEPROM_USED])
{
    struct store_pair pair;
    uint8_t record[BOOT_RECORD_SIZE];
    uint32_t count = 0;

    if (store_read(&BOOT_COUNTER, &pair, image, record) == STORE_GOOD) {
        count = get_u32(record);
    }
    count = count == UINT32_MAX ? 1 : count + 1u;
    put_u32(record, count);
    current = store_prepare(&BOOT_COUNTER, &pair, record);
    written = 0;
    while (!eeprom_is_idle()) {
        eeprom_poll(); /* an EEPROM that never finishes is the watchdog's */
    }
    return scatter(count);
}

void eeprom_serial(const uint8_t image[EEPROM_USED], uint8_t serial[SERIAL_SIZE])
{
    static const char UNSET[SERIAL_SIZE] = "UNSET";

    memcpy(serial, image + EEPROM_SERIAL_AT, SERIAL_SIZE);
    if (serial[0] == ERASED) {
        memcpy(serial, UNSET, SERIAL_SIZE);
    }
}

bool eeprom_is_idle(void)
{
    return written == current.size && eeprom_is_ready();
}

bool eeprom_is_as_written(void)
{
    bool same = true;

    for (uint8_t i = 0; i < current.size; i++) {
        same = same && eeprom_read_byte(at((uint16_t)(current.at + i))) == current.bytes[i];
    }
    return same;
}

void eeprom_begin(const struct store_write *write)
{
    current = *write;
    written = 0;
}

void eeprom_poll(void)
{
    if (written < current.size && eeprom_is_ready()) {
        eeprom_update_byte(at((uint16_t)(current.at + written)), current.bytes[written]);
        written++;
    }
}
