#include "store.h"

#include <string.h>

#include "bytes.h"
#include "crc32c.h"

#define ERASED 0xFFu
#define HALF_GENERATIONS 0x8000u

const struct store_place STORE_FAULT = {STORE_FAULT_AT, STORE_FAULT_STRIDE, STORE_FAULT_SIZE};
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

static bool slot_is_blank(const struct store_place *place, const uint8_t *slot)
{
    uint8_t size = (uint8_t)(place->payload_size + STORE_SLOT_OVERHEAD);

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
                             const uint8_t image[STORE_SIZE], uint8_t *payload)
{
    const uint8_t *first = image + slot_at(place, false);
    const uint8_t *second = image + slot_at(place, true);
    bool first_whole = slot_is_whole(place, first);
    bool second_whole = slot_is_whole(place, second);

    if (!first_whole && !second_whole) {
        bool blank = slot_is_blank(place, first) || slot_is_blank(place, second);

        *pair = (struct store_pair){.second_is_newest = true};
        return blank ? STORE_BLANK : STORE_CORRUPT;
    }
    bool take_second =
        second_whole && (!first_whole || is_newer(get_u16(second), get_u16(first)));
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
