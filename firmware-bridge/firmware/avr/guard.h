/* The checks of every turn, without which neither the watchdog is fed nor the amplifier pumped. */
#ifndef CALMLOOP_GUARD_H
#define CALMLOOP_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "chair.h"

/* The free bytes next to the static data still hold the paint. */
bool guard_stack(void);

/* Directions, pull-ups, timers, UART, ADC and watchdog are still set up as they were. */
bool guard_registers(void);

/* What the core says lies in its ranges. */
bool guard_chair(const struct chair *chair);

/* All of it, and inputs that are fresh, and a tick that has advanced since the last turn. */
bool guard_all(const struct chair *chair, uint32_t now_ms);

#endif
