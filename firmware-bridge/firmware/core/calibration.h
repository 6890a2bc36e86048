/* What full drive means on this chair, measured: m/s2 by frequency and dBA. It may only lower. */
#ifndef CALMLOOP_CALIBRATION_H
#define CALMLOOP_CALIBRATION_H

#include <stdbool.h>
#include <stdint.h>

#define CALIBRATION_POINTS 6u /* 30, 40, 50, 60, 70 and 80 Hz */
#define CALIBRATION_RECORD_SIZE 15u

enum calibration_kind {
    CALIBRATION_NONE = 0,      /* never measured: 10 % at most */
    CALIBRATION_MEASURED = 1,  /* on this chair, by a person with instruments */
    CALIBRATION_SIMULATED = 2, /* a simulated chair: there is nothing to measure */
};

struct calibration {
    enum calibration_kind kind;
    uint32_t hash;                                  /* CRC-32C of the record; 0 when none */
    uint16_t ceiling_permille[CALIBRATION_POINTS]; /* of vibration, by frequency */
    uint16_t sound_ceiling_permille;
};

/* The state of a chair without a table. */
void calibration_none(struct calibration *calibration);

/* Read a stored record: kind u8, acceleration at full drive in mm/s2 u16 by frequency, sound level at
 * full drive in 0.1 dBA u16. False, with `calibration` set to none, when a number is implausible. */
bool calibration_read(struct calibration *calibration,
                      const uint8_t record[CALIBRATION_RECORD_SIZE]);

/* The record of a simulated chair, whose full drive is exactly the limit at every frequency. */
void calibration_simulated(uint8_t record[CALIBRATION_RECORD_SIZE]);

/* The highest vibration level at a frequency of 30 000 to 80 000 mHz, in ppm. */
uint32_t calibration_vibration_ppm(const struct calibration *calibration, uint32_t frequency_mhz);

/* The highest sound level, in ppm. */
uint32_t calibration_sound_ppm(const struct calibration *calibration);

#endif
