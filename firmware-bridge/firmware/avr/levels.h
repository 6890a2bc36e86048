/* The levels of light and sound: fast PWM at 7.8 kHz on Timer0 and Timer2, in 256ths. */
#ifndef CALMLOOP_LEVELS_H
#define CALMLOOP_LEVELS_H

#include <stdint.h>

#include "gate.h"

/* Start both timers with every channel off. */
void levels_init(void);

void levels_set_light(const struct light *light);
void levels_set_sound(uint32_t sound_ppm);

#endif
