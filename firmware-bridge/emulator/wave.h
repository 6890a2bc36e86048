/* The vibration's sine as it is measured at its pin: half waves between crossings of half scale. */
#ifndef CALMLOOP_WAVE_H
#define CALMLOOP_WAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "chip.h"
#include "record.h"

struct wave {
    struct chip *chip;
    struct record *record;
    bool above;
    unsigned int peak;      /* of the half wave that is running, from half scale */
    uint64_t crossed_cycle; /* the last crossing */
    uint64_t rose_cycle;    /* the last crossing upwards; 0: none yet */
    unsigned int amplitude; /* of the last half wave, 0 to 512 */
    double frequency_hz;    /* of the last whole wave */
};

void wave_init(struct wave *wave, struct chip *chip, struct record *record);

/* Nothing vibrates any more: a reset, or no power. */
void wave_stop(struct wave *wave);

/* Notice a wave that has stopped by itself. */
void wave_poll(struct wave *wave);

#endif
