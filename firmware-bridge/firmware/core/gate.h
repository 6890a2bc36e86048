/* The gate: the only way to an output. It caps, projects and slews; nothing passes beside it. */
#ifndef CALMLOOP_GATE_H
#define CALMLOOP_GATE_H

#include <stdint.h>

#include "calibration.h"

struct light {
    uint32_t red_ppm;
    uint32_t green_ppm;
    uint32_t blue_ppm;
};

/* What the machine wants: vibration frequency 30 000 to 80 000 mHz, levels 0 to 1 000 000 ppm. */
struct gate_target {
    uint32_t vibration_ppm;
    uint32_t vibration_mhz;
    uint32_t sound_ppm;
    struct light light;
};

/* What the outputs carry. */
struct gate {
    uint32_t vibration_ppm;
    uint32_t vibration_mhz;
    uint32_t sound_ppm;
    struct light light;
};

/* Everything off and dark. */
void gate_init(struct gate *gate);

/* Move the outputs towards the target for the time that has passed. */
void gate_step(struct gate *gate, const struct gate_target *target, struct calibration *calibration,
               uint32_t elapsed_ms);

/* Vibration and sound to zero at once; the light stays as it is. */
void gate_cut(struct gate *gate);

/* Light brought into the envelope: no channel above full, and red is lowered until green + blue >= 0.43 red. */
struct light gate_project(struct light light);

/* A level in steps of an output with `full_scale` steps (1000, or a PWM's 256). What is put out keeps the
 * envelope: green and blue are rounded up, red, vibration and sound down. In STATUS vibration and sound
 * are rounded up too, so that only zero is shown as zero. */
uint16_t gate_round_down(uint32_t level_ppm, uint16_t full_scale);
uint16_t gate_round_up(uint32_t level_ppm, uint16_t full_scale);

#endif
