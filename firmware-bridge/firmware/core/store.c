#include "store.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "crc32c.h"

#define ERASED 0xFFu
#define HALF_GENERATIONS 0x8000u

struct store_pair store_fault_pair(void)
{
    return (struct store_pair){STORE_FAULT_AT, STORE_FAULT_STRIDE, STORE_FAULT_SIZE, 1, 0};
}

struct store_pair store_calibration_pair(void)
{
    return (struct store_pair){STORE_CALIBRATION_AT, STORE_CALIBRATION_STRIDE,
                               CALIBRATION_RECORD_SIZE, 1, 0};
}

static uint8_t slot_at(const struct store_pair *pair, uint8_t slot)
{
    return (uint8_t)(pair->at + slot * pair->stride);
}

static bool slot_is_whole(const struct store_pair *pair, const uint8_t *slot)
{
    uint8_t body = (uint8_t)(2u + pair->payload_size);

    return crc32c(slot, body) == get_u32(slot + body);
}

static bool slot_is_blank(const struct store_pair *pair, const uint8_t *slot)
{
    uint8_t size = (uint8_t)(pair->payload_size + STORE_SLOT_OVERHEAD);

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

enum store_result store_read(struct store_pair *pair, const uint8_t image[STORE_SIZE],
                             uint8_t *payload)
{
    const uint8_t *first = image + slot_at(pair, 0);
    const uint8_t *second = image + slot_at(pair, 1);
    bool first_whole = slot_is_whole(pair, first);
    bool second_whole = slot_is_whole(pair, second);

    if (!first_whole && !second_whole) {
        bool blank = slot_is_blank(pair, first) || slot_is_blank(pair, second);

        return blank ? STORE_BLANK : STORE_CORRUPT;
    }
    bool take_second =
        second_whole && (!first_whole || is_newer(get_u16(second), get_u16(first)));
    const uint8_t *newest = take_second ? second : first;
    pair->newest_slot = take_second ? 1 : 0;
    pair->generation = get_u16(newest);
    memcpy(payload, newest + 2, pair->payload_size);
    return STORE_GOOD;
}

struct store_write store_prepare(struct store_pair *pair, const uint8_t *payload)
{
    struct store_write write = {.size = (uint8_t)(pair->payload_size + STORE_SLOT_OVERHEAD)};
    uint8_t body = (uint8_t)(2u + pair->payload_size);

    pair->newest_slot ^= 1u;
    pair->generation++;
    write.at = slot_at(pair, pair->newest_slot);
    put_u16(write.bytes, pair->generation);
    memcpy(write.bytes + 2, payload, pair->payload_size);
    put_u32(write.bytes + body, crc32c(write.bytes, body));
    return write;
}
