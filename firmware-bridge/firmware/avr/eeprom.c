#include "eeprom.h"

#include <avr/eeprom.h>
#include <avr/io.h>
#include <string.h>

#include "bytes.h"
#include "crc32c.h"

#define BOOT_RECORD_SIZE 4u
#define ERASED 0xFFu
#define CHANCE_BITS 12u

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

void eeprom_read_calibration(uint8_t slots[STORE_CALIBRATION_SIZE])
{
    eeprom_read_block(slots, at(STORE_CALIBRATION_AT), STORE_CALIBRATION_SIZE);
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

bool eeprom_count_boot(const uint8_t image[EEPROM_USED], uint32_t *counted, uint32_t *running)
{
    struct store_pair pair;
    uint8_t record[BOOT_RECORD_SIZE];
    uint32_t count = 0;

    if (store_read(&BOOT_COUNTER, &pair, image + EEPROM_BOOT_AT, record) == STORE_GOOD) {
        count = get_u32(record);
    }
    count = count == UINT32_MAX ? 1 : count + 1u;
    put_u32(record, count);
    current = store_prepare(&BOOT_COUNTER, &pair, record);
    written = 0;
    while (!eeprom_is_idle()) {
        uint8_t before = written;
        uint8_t clock = TCNT1L;

        eeprom_poll(); /* an EEPROM that never finishes is the watchdog's */
        if (written != before) {
            *running = crc32c_update(*running, &clock, sizeof clock);
        }
    }
    *counted = count;
    return eeprom_is_as_written();
}

uint32_t eeprom_boot_id(uint32_t count, uint32_t chance)
{
    uint32_t id = scatter(count << CHANCE_BITS | (chance & ((UINT32_C(1) << CHANCE_BITS) - 1u)));

    return id == 0 ? 1 : id;
}

void eeprom_read_minute(uint8_t step, uint8_t record[STORE_MINUTE_SIZE])
{
    eeprom_read_block(record, at(store_minute_at(step)), STORE_MINUTE_SIZE);
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
