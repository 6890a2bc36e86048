#include "calibration.h"

#include "bytes.h"
#include "crc32c.h"
#include "envelope.h"

#define FULL_PERMILLE 1000u
#define POINT_STEP_MHZ UINT32_C(10000)

/* A measurement outside these is a mistake of the bench, not a chair. */
#define ACCELERATION_MIN_MM_S2 50u
#define ACCELERATION_MAX_MM_S2 20000u
#define SOUND_MIN_DDBA 400u
#define SOUND_MAX_DDBA 1200u

#define DECIBEL_STEPS 46u

static const uint16_t POINT_LIMIT_MM_S2[CALIBRATION_POINTS] = {
    VIBRATION_LIMIT_30HZ_MM_S2, VIBRATION_LIMIT_MM_S2, VIBRATION_LIMIT_MM_S2,
    VIBRATION_LIMIT_MM_S2,      VIBRATION_LIMIT_MM_S2, VIBRATION_LIMIT_MM_S2,
};

/* 1000 * 10^(-n/20), rounded down: the amplitude that is n dB below full, in per mille. */
static const uint16_t ATTENUATION_PERMILLE[DECIBEL_STEPS] = {
    1000, 891, 794, 707, 630, 562, 501, 446, 398, 354, 316, 281, 251, 223, 199, 177,
    158,  141, 125, 112, 100, 89,  79,  70,  63,  56,  50,  44,  39,  35,  31,  28,
    25,   22,  19,  17,  15,  14,  12,  11,  10,  8,   7,   7,   6,   5,
};

void calibration_none(struct calibration *calibration)
{
    calibration->kind = CALIBRATION_NONE;
    calibration->hash = 0;
    for (uint8_t i = 0; i < CALIBRATION_POINTS; i++) {
        calibration->ceiling_permille[i] = UNCALIBRATED_CEILING_PERMILLE;
    }
    calibration->sound_ceiling_permille = UNCALIBRATED_CEILING_PERMILLE;
}

static bool within(uint16_t value, uint16_t low, uint16_t high)
{
    return value >= low && value <= high;
}

static uint16_t vibration_ceiling(uint16_t limit_mm_s2, uint16_t full_mm_s2)
{
    if (full_mm_s2 <= limit_mm_s2) {
        return FULL_PERMILLE;
    }
    return (uint16_t)((uint32_t)limit_mm_s2 * FULL_PERMILLE / full_mm_s2);
}

static uint16_t sound_ceiling(uint16_t full_ddba)
{
    if (full_ddba <= SOUND_LIMIT_DDBA) {
        return FULL_PERMILLE;
    }
    return ATTENUATION_PERMILLE[(full_ddba - SOUND_LIMIT_DDBA + 9u) / 10u];
}

static bool read_points(struct calibration *calibration, const uint8_t *at)
{
    bool plausible = true;

    for (uint8_t i = 0; i < CALIBRATION_POINTS; i++) {
        uint16_t full_mm_s2 = get_u16(at + 2u * i);

        plausible = plausible && within(full_mm_s2, ACCELERATION_MIN_MM_S2, ACCELERATION_MAX_MM_S2);
        calibration->ceiling_permille[i] = vibration_ceiling(POINT_LIMIT_MM_S2[i], full_mm_s2);
    }
    return plausible;
}

bool calibration_read(struct calibration *calibration,
                      const uint8_t record[CALIBRATION_RECORD_SIZE])
{
    uint16_t full_ddba = get_u16(record + 13);
    bool known = record[0] == CALIBRATION_MEASURED || record[0] == CALIBRATION_SIMULATED;

    if (!known || !within(full_ddba, SOUND_MIN_DDBA, SOUND_MAX_DDBA) ||
        !read_points(calibration, record + 1)) {
        calibration_none(calibration);
        return false;
    }
    calibration->kind = (enum calibration_kind)record[0];
    calibration->hash = crc32c(record, CALIBRATION_RECORD_SIZE);
    calibration->sound_ceiling_permille = sound_ceiling(full_ddba);
    return true;
}

void calibration_simulated(uint8_t record[CALIBRATION_RECORD_SIZE])
{
    record[0] = CALIBRATION_SIMULATED;
    for (uint8_t i = 0; i < CALIBRATION_POINTS; i++) {
        put_u16(record + 1u + 2u * i, POINT_LIMIT_MM_S2[i]);
    }
    put_u16(record + 13, SOUND_LIMIT_DDBA);
}

uint32_t calibration_vibration_ppm(const struct calibration *calibration, uint32_t frequency_mhz)
{
    uint32_t above_mhz = frequency_mhz - VIBRATION_DHZ_MIN * MHZ_PER_DHZ;
    uint32_t point = above_mhz / POINT_STEP_MHZ;
    uint32_t weight = above_mhz % POINT_STEP_MHZ / (POINT_STEP_MHZ / FULL_PERMILLE);
    uint32_t low = calibration->ceiling_permille[point];

    if (weight == 0) {
        return low * PPM_PER_PERMILLE;
    }
    return low * (FULL_PERMILLE - weight) + calibration->ceiling_permille[point + 1u] * weight;
}

uint32_t calibration_sound_ppm(const struct calibration *calibration)
{
    return calibration->sound_ceiling_permille * PPM_PER_PERMILLE;
}
