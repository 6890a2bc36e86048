#include "store.h"

#include <string.h>

#include "bytes.h"
#include "crc32c.h"

#define ERASED 0xFFu
#define HALF_GENERATIONS 0x8000u

const struct store_place STORE_LATCHES = {STORE_LATCHES_AT, STORE_LATCHES_STRIDE,
                                          STORE_LATCHES_SIZE};
const struct store_place STORE_CALIBRATION = {STORE_CALIBRATION_AT, STORE_CALIBRATION_STRIDE,
                                              CALIBRATION_RECORD_SIZE};

static uint16_t slot_at(const struct store_place *place, bool second)
{
    return (uint16_t)(place->at + (second ? place->stride : 0u));
}

static bool slot_is_whole(const struct store_place *place, const uint8_t *slot)
{
    uint8_t body = (uint8_t)(2u + place->payload_size);

    return crc32c(slot, body) == get_u32(slot + body);
}

static bool is_blank(const uint8_t *slot, uint8_t size)
{
    for (uint8_t i = 0; i < size; i++) {
        if (slot[i] != ERASED) {
            return false;
        }
    }
    return true;
}

/* Generations wrap: the one that is less than half the range ahead is the newer. */
static bool is_newer(uint16_t a, uint16_t b)
{
    return (uint16_t)(a - b) < HALF_GENERATIONS;
}

enum store_result store_read(const struct store_place *place, struct store_pair *pair,
                             const uint8_t *slots, uint8_t *payload)
{
    const uint8_t *first = slots;
    const uint8_t *second = slots + place->stride;
    bool first_whole = slot_is_whole(place, first);
    bool second_whole = slot_is_whole(place, second);

    if (!first_whole && !second_whole) {
        uint8_t size = (uint8_t)(place->payload_size + STORE_SLOT_OVERHEAD);
        bool blank = is_blank(first, size) || is_blank(second, size);

        *pair = (struct store_pair){.second_is_newest = true};
        return blank ? STORE_BLANK : STORE_CORRUPT;
    }
    bool take_second = second_whole && (!first_whole || is_newer(get_u16(second), get_u16(first)));
    const uint8_t *newest = take_second ? second : first;
    *pair = (struct store_pair){take_second, get_u16(newest)};
    memcpy(payload, newest + 2, place->payload_size);
    return STORE_GOOD;
}

struct store_write store_prepare(const struct store_place *place, struct store_pair *pair,
                                 const uint8_t *payload)
{
    struct store_write write = {.size = (uint8_t)(place->payload_size + STORE_SLOT_OVERHEAD)};
    uint8_t body = (uint8_t)(2u + place->payload_size);

    pair->second_is_newest = !pair->second_is_newest;
    pair->generation++;
    write.at = slot_at(place, pair->second_is_newest);
    put_u16(write.bytes, pair->generation);
    memcpy(write.bytes + 2, payload, place->payload_size);
    put_u32(write.bytes + body, crc32c(write.bytes, body));
    return write;
}

/* Odd factors: one byte that differs never goes unseen. */
static uint8_t check_minute(const struct store_minute *minute)
{
    return (uint8_t)(3u * minute->seq + 5u * minute->seconds + 7u * minute->over_s + 1u);
}

uint16_t store_minute_at(uint8_t step)
{
    return (uint16_t)(STORE_HOUR_AT + step % STORE_MINUTES * STORE_MINUTE_SIZE);
}

struct store_minute store_read_minute(const uint8_t record[STORE_MINUTE_SIZE])
{
    struct store_minute minute = {
        .result = STORE_GOOD, .seconds = record[1], .over_s = record[2], .seq = record[3]};

    if (is_blank(record, STORE_MINUTE_SIZE)) {
        return (struct store_minute){.result = STORE_BLANK};
    }
    if (record[0] != check_minute(&minute)) {
        minute.result = STORE_CORRUPT;
    }
    return minute;
}

struct store_write store_prepare_minute(uint8_t slot, const struct store_minute *minute)
{
    return (struct store_write){
        .at = store_minute_at(slot),
        .size = STORE_MINUTE_SIZE,
        .bytes = {check_minute(minute), minute->seconds, minute->over_s, minute->seq},
    };
}
