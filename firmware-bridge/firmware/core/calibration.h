/* What full drive means on this chair, measured: m/s2 by frequency and dBA. It may only lower.
 *
 * A table is a record of points, and between two of them full drive gives what the straight line says:
 * acceleration is what is bounded, so acceleration is what is interpolated. The points bound the curve
 * that was measured from above (PROTOCOL.md, section 6). */
#ifndef CALMLOOP_CALIBRATION_H
#define CALMLOOP_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

#define CALIBRATION_POINT_SIZE 3u
#define CALIBRATION_POINTS_AT 4u
_Static_assert(CALIBRATION_RECORD_SIZE ==
                   CALIBRATION_POINTS_AT + CALIBRATION_POINTS_MAX * CALIBRATION_POINT_SIZE,
               "a record holds as many points as there may be");

/* The record as it is stored, all zero for none, and the ceiling at the frequency asked for last; beside
 * each, what shows that memory has kept it. */
struct calibration {
    uint8_t record[CALIBRATION_RECORD_SIZE];
    uint32_t record_check; /* CRC-32C */
    uint32_t followed_mhz;
    uint32_t followed_ppm;
    uint32_t followed_check; /* what the exclusive or of both is not */
};

/* The state of a chair without a table. */
void calibration_none(struct calibration *calibration);

/* Take a record: kind u8, number of points u8, sound level at full drive in 0.1 dBA u16, and for each
 * point its frequency in Hz u8 and the acceleration at full drive in mm/s2 u16; zeros behind. The points
 * ascend from 30 to 80 Hz. False, with `calibration` set to none, when something is implausible. */
bool calibration_read(struct calibration *calibration,
                      const uint8_t record[CALIBRATION_RECORD_SIZE]);

/* The record of a simulated chair, whose full drive is exactly the limit at every frequency. */
void calibration_simulated(uint8_t record[CALIBRATION_RECORD_SIZE]);

enum calibration_kind calibration_kind(const struct calibration *calibration);

/* CRC-32C of the record, computed anew each time; 0 when there is none. */
uint32_t calibration_hash(const struct calibration *calibration);

/* What full drive gives at a frequency of 30 000 to 80 000 mHz, in mm/s2, rounded up. */
uint32_t calibration_full_mm_s2(const struct calibration *calibration, uint32_t frequency_mhz);

/* The highest vibration level at a frequency of 30 000 to 80 000 mHz, in ppm, rounded down. */
uint32_t calibration_vibration_ppm(const struct calibration *calibration, uint32_t frequency_mhz);

/* The same, computed only when the frequency is another one than the last time. */
uint32_t calibration_follow_ppm(struct calibration *calibration, uint32_t frequency_mhz);

/* The record is as it was read. */
bool calibration_record_is_kept(const struct calibration *calibration);

/* The ceiling is as it was computed. */
bool calibration_followed_is_kept(const struct calibration *calibration);

/* The highest sound level, in ppm. */
uint32_t calibration_sound_ppm(const struct calibration *calibration);

/* Two tables, neither of them none, differ by more than a factor of three somewhere. */
bool calibration_jumps(const struct calibration *from, const struct calibration *to);

#endif
