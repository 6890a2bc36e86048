/* What survives a power cycle: the latches and the calibration, each in two slots with a CRC, and a record
 * for each minute of the hour.
 *
 * A slot is generation u16, payload, CRC-32C u32. A write goes to the slot that is not the newest, so
 * that a power cut in the middle of it leaves the older record whole.
 *
 * A minute's record is a check u8, seconds u8, seconds of the minute before u8 and sequence u8, written in
 * this order; one that a power cut spoilt is seen. It is written once a minute and with each ARM, so that
 * each of the 61 slots is written 9 times in a day of 8 hours in use: the EEPROM's 100 000 writes last 30
 * years. */
#ifndef CALMLOOP_STORE_H
#define CALMLOOP_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "calibration.h"

#define STORE_SLOT_OVERHEAD 6u
#define STORE_LATCHES_SIZE 1u

/* Where the pairs of slots lie in the store; a blank store is all 0xFF, as an erased EEPROM is. */
#define STORE_LATCHES_AT 0u
#define STORE_LATCHES_STRIDE 16u
/* 32 to 95 held the calibration of firmware 1.1 and older, which is neither read nor written any more;
 * 96 to 159 are the hardware's: the boot counter and the serial number. */
#define STORE_CALIBRATION_AT 160u
#define STORE_CALIBRATION_STRIDE 64u
#define STORE_CALIBRATION_SIZE (2u * STORE_CALIBRATION_STRIDE)
#define STORE_HOUR_AT 768u
#define STORE_MINUTE_SIZE 4u
#define STORE_MINUTES 61u
/* A whole image, with the hour. */
#define STORE_IMAGE_SIZE 1024u
#define STORE_WRITE_MAX (CALIBRATION_RECORD_SIZE + STORE_SLOT_OVERHEAD)

enum store_result {
    STORE_GOOD,
    STORE_BLANK,  /* never written, or cut off in the very first write */
    STORE_CORRUPT /* two slots, neither of them whole */
};

/* Where a pair of slots lies: a constant, so that nothing in RAM says where to write or how much. */
struct store_place {
    uint16_t at;
    uint8_t stride;
    uint8_t payload_size;
};

extern const struct store_place STORE_LATCHES;
extern const struct store_place STORE_CALIBRATION;

/* The newest record of a pair of slots, as store_read finds it. */
struct store_pair {
    bool second_is_newest;
    uint16_t generation;
};

/* Bytes for the hardware to write. */
struct store_write {
    uint16_t at;
    uint8_t size;
    uint8_t bytes[STORE_WRITE_MAX];
};

/* Find the newest whole record of a pair, whose slots begin at `slots`, and copy its payload. Without one the next
 * record goes to the first slot. */
enum store_result store_read(const struct store_place *place, struct store_pair *pair,
                             const uint8_t *slots, uint8_t *payload);

/* Prepare the write of a new record. */
struct store_write store_prepare(const struct store_place *place, struct store_pair *pair,
                                 const uint8_t *payload);

/* The record of a minute. */
struct store_minute {
    enum store_result result;
    uint8_t seq;
    uint8_t seconds;
    uint8_t over_s; /* of the minute before */
};

/* Where the record of a minute lies: of slot `step` % STORE_MINUTES. */
uint16_t store_minute_at(uint8_t step);

/* Read a minute's record. Blank: no seconds. Damaged: the sequence is what stands there. */
struct store_minute store_read_minute(const uint8_t record[STORE_MINUTE_SIZE]);

/* Prepare the write of a minute's record. */
struct store_write store_prepare_minute(uint8_t slot, const struct store_minute *minute);

#endif
