/* What the chip's program costs: interrupts, sleep, and the time between two feeds of the watchdog. */
#ifndef CALMLOOP_EMULATOR_FIGURES_H
#define CALMLOOP_EMULATOR_FIGURES_H

#include "chip.h"

/* Begin to fill in chip->figures. */
void figures_watch(struct chip *chip);

#endif
