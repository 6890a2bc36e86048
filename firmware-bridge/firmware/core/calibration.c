#include "calibration.h"

#include <string.h>

#include "bytes.h"
#include "crc32c.h"
#include "envelope.h"

#define MHZ_PER_HZ UINT32_C(1000)
#define FIRST_HZ (VIBRATION_DHZ_MIN / 10u)
#define LAST_HZ (VIBRATION_DHZ_MAX / 10u)

/* A table that differs by more from the one in force is a mistake, unless a person says so twice. */
#define JUMP_FACTOR 3u
#define JUMP_DDBA 95u

#define DECIBEL_STEPS 46u

/* 1000 * 10^(-n/20), rounded down: the amplitude that is n dB below full, in per mille. */
static const uint16_t ATTENUATION_PERMILLE[DECIBEL_STEPS] = {
    1000, 891, 794, 707, 630, 562, 501, 446, 398, 354, 316, 281, 251, 223, 199, 177,
    158,  141, 125, 112, 100, 89,  79,  70,  63,  56,  50,  44,  39,  35,  31,  28,
    25,   22,  19,  17,  15,  14,  12,  11,  10,  8,   7,   7,   6,   5,
};

/* --- the record ----------------------------------------------------------------------------- */

static uint8_t count_of(const uint8_t *record)
{
    return record[1];
}

static uint16_t sound_of(const uint8_t *record)
{
    return get_u16(record + 2);
}

static const uint8_t *point_of(const uint8_t *record, uint8_t number)
{
    return record + CALIBRATION_POINTS_AT + CALIBRATION_POINT_SIZE * number;
}

static uint32_t frequency_of(const uint8_t *point)
{
    return point[0] * MHZ_PER_HZ;
}

static uint16_t acceleration_of(const uint8_t *point)
{
    return get_u16(point + 1);
}

void calibration_none(struct calibration *calibration)
{
    *calibration = (struct calibration){0};
    calibration->record_check = crc32c(calibration->record, CALIBRATION_RECORD_SIZE);
    calibration->followed_check = UINT32_MAX;
}

bool calibration_record_is_kept(const struct calibration *calibration)
{
    return crc32c(calibration->record, CALIBRATION_RECORD_SIZE) == calibration->record_check;
}

static bool within(uint16_t value, uint16_t low, uint16_t high)
{
    return value >= low && value <= high;
}

/* The first point is at 30 Hz, the last at 80, and each lies above the one before it. */
static bool points_are_plausible(const uint8_t *record)
{
    uint8_t count = count_of(record);
    uint8_t before_hz = FIRST_HZ - 1u;

    if (!within(count, CALIBRATION_POINTS_MIN, CALIBRATION_POINTS_MAX) ||
        point_of(record, 0)[0] != FIRST_HZ ||
        point_of(record, (uint8_t)(count - 1u))[0] != LAST_HZ) {
        return false;
    }
    for (uint8_t i = 0; i < count; i++) {
        const uint8_t *point = point_of(record, i);

        if (point[0] <= before_hz ||
            !within(acceleration_of(point), ACCELERATION_MIN_MM_S2, ACCELERATION_MAX_MM_S2)) {
            return false;
        }
        before_hz = point[0];
    }
    return true;
}

static bool rest_is_zero(const uint8_t *record)
{
    for (const uint8_t *at = point_of(record, count_of(record));
         at < record + CALIBRATION_RECORD_SIZE; at++) {
        if (*at != 0) {
            return false;
        }
    }
    return true;
}

bool calibration_read(struct calibration *calibration,
                      const uint8_t record[CALIBRATION_RECORD_SIZE])
{
    bool known = record[0] == CALIBRATION_MEASURED || record[0] == CALIBRATION_SIMULATED;

    calibration_none(calibration);
    if (!known || !within(sound_of(record), SOUND_MIN_DDBA, SOUND_MAX_DDBA) ||
        !points_are_plausible(record) || !rest_is_zero(record)) {
        return false;
    }
    memcpy(calibration->record, record, CALIBRATION_RECORD_SIZE);
    calibration->record_check = crc32c(record, CALIBRATION_RECORD_SIZE);
    return true;
}

static void put_point(uint8_t *record, uint8_t number, uint8_t hz, uint16_t full_mm_s2)
{
    uint8_t *point = record + CALIBRATION_POINTS_AT + CALIBRATION_POINT_SIZE * number;

    point[0] = hz;
    put_u16(point + 1, full_mm_s2);
}

void calibration_simulated(uint8_t record[CALIBRATION_RECORD_SIZE])
{
    memset(record, 0, CALIBRATION_RECORD_SIZE);
    record[0] = CALIBRATION_SIMULATED;
    record[1] = 3;
    put_u16(record + 2, SOUND_LIMIT_DDBA);
    put_point(record, 0, FIRST_HZ, VIBRATION_LIMIT_30HZ_MM_S2);
    put_point(record, 1, CALIBRATION_LEVEL_HZ, VIBRATION_LIMIT_MM_S2);
    put_point(record, 2, LAST_HZ, VIBRATION_LIMIT_MM_S2);
}

enum calibration_kind calibration_kind(const struct calibration *calibration)
{
    return (enum calibration_kind)calibration->record[0];
}

uint32_t calibration_hash(const struct calibration *calibration)
{
    if (calibration_kind(calibration) == CALIBRATION_NONE) {
        return 0;
    }
    return crc32c(calibration->record, CALIBRATION_RECORD_SIZE);
}

/* --- ceilings ------------------------------------------------------------------------------- */

/* Rounded down. The straight line between 30 and 40 Hz lies below the curve that Wk gives. */
static uint32_t limit_mm_s2(uint32_t frequency_mhz)
{
    const uint32_t slope = VIBRATION_LIMIT_MM_S2 - VIBRATION_LIMIT_30HZ_MM_S2;

    if (frequency_mhz >= CALIBRATION_LEVEL_HZ * MHZ_PER_HZ) {
        return VIBRATION_LIMIT_MM_S2;
    }
    return VIBRATION_LIMIT_30HZ_MM_S2 + (frequency_mhz - FIRST_HZ * MHZ_PER_HZ) * slope /
                                            ((CALIBRATION_LEVEL_HZ - FIRST_HZ) * MHZ_PER_HZ);
}

/* The point that ends the stretch in which a frequency lies; never beyond the record. */
static uint8_t end_of_stretch(const uint8_t *record, uint32_t frequency_mhz)
{
    uint8_t end = 1;

    while (end < CALIBRATION_POINTS_MAX - 1u && end < count_of(record) - 1 &&
           frequency_of(point_of(record, end)) < frequency_mhz) {
        end++;
    }
    return end;
}

uint32_t calibration_full_mm_s2(const struct calibration *calibration, uint32_t frequency_mhz)
{
    uint8_t end = end_of_stretch(calibration->record, frequency_mhz);
    const uint8_t *high = point_of(calibration->record, end);
    const uint8_t *low = point_of(calibration->record, (uint8_t)(end - 1u));
    uint32_t above = frequency_mhz - frequency_of(low);
    uint32_t span = frequency_of(high) - frequency_of(low);
    uint32_t at_low = acceleration_of(low);
    uint32_t at_high = acceleration_of(high);

    if (span == 0) {
        return ACCELERATION_MAX_MM_S2; /* only damaged memory says so */
    }
    if (at_low < at_high) {
        return at_low + ((at_high - at_low) * above + span - 1u) / span;
    }
    return at_low - (at_low - at_high) * above / span;
}

uint32_t calibration_vibration_ppm(const struct calibration *calibration, uint32_t frequency_mhz)
{
    uint32_t limit = limit_mm_s2(frequency_mhz);

    if (calibration_kind(calibration) == CALIBRATION_NONE) {
        return UNCALIBRATED_CEILING_PERMILLE * PPM_PER_PERMILLE;
    }
    uint32_t full = calibration_full_mm_s2(calibration, frequency_mhz);
    return full <= limit ? FULL_PPM : limit * FULL_PPM / full;
}

uint32_t calibration_follow_ppm(struct calibration *calibration, uint32_t frequency_mhz)
{
    if (frequency_mhz != calibration->followed_mhz) {
        calibration->followed_ppm = calibration_vibration_ppm(calibration, frequency_mhz);
        calibration->followed_mhz = frequency_mhz;
        calibration->followed_check = ~(frequency_mhz ^ calibration->followed_ppm);
    }
    return calibration->followed_ppm;
}

bool calibration_followed_is_kept(const struct calibration *calibration)
{
    return calibration->followed_check == ~(calibration->followed_mhz ^ calibration->followed_ppm);
}

static uint16_t sound_ceiling_permille(const struct calibration *calibration)
{
    uint16_t full_ddba = sound_of(calibration->record);

    if (calibration_kind(calibration) == CALIBRATION_NONE) {
        return UNCALIBRATED_CEILING_PERMILLE;
    }
    if (full_ddba <= SOUND_LIMIT_DDBA) {
        return FULL_PERMILLE;
    }
    uint16_t above_db = (uint16_t)((full_ddba - SOUND_LIMIT_DDBA + 9u) / 10u);
    return above_db < DECIBEL_STEPS ? ATTENUATION_PERMILLE[above_db] : 0;
}

uint32_t calibration_sound_ppm(const struct calibration *calibration)
{
    return sound_ceiling_permille(calibration) * PPM_PER_PERMILLE;
}

/* --- jumps ---------------------------------------------------------------------------------- */

static bool jumps_between(uint32_t a, uint32_t b)
{
    return a > b * JUMP_FACTOR || b > a * JUMP_FACTOR;
}

/* Between two points of either table the ratio only rises or only falls: the points are enough. */
static bool jumps_at_points_of(const struct calibration *at, const struct calibration *from,
                               const struct calibration *to)
{
    for (uint8_t i = 0; i < count_of(at->record); i++) {
        uint32_t frequency_mhz = frequency_of(point_of(at->record, i));

        if (jumps_between(calibration_full_mm_s2(from, frequency_mhz),
                          calibration_full_mm_s2(to, frequency_mhz))) {
            return true;
        }
    }
    return false;
}

bool calibration_jumps(const struct calibration *from, const struct calibration *to)
{
    uint16_t was_ddba = sound_of(from->record);
    uint16_t is_ddba = sound_of(to->record);
    uint16_t sound_ddba = (uint16_t)(was_ddba < is_ddba ? is_ddba - was_ddba : was_ddba - is_ddba);

    return sound_ddba > JUMP_DDBA || jumps_at_points_of(from, from, to) ||
           jumps_at_points_of(to, from, to);
}
