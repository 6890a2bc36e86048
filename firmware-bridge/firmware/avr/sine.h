/* The vibration's sine, by direct digital synthesis on Timer1, and the tick that it carries.
 *
 * At rest the pin stays at half scale: starting and stopping are changes of amplitude alone, and those
 * come from the gate in steps of half a per cent at most, so that nothing clicks and nothing thumps. */
#ifndef CALMLOOP_SINE_H
#define CALMLOOP_SINE_H

#include <stdbool.h>
#include <stdint.h>

#define SINE_AMPLITUDE_MAX 1023u /* the whole swing of the 10-bit output */

/* Start Timer1 at 16 MHz / 1024 and its interrupt. */
void sine_init(void);

/* From the next tick on: an amplitude of 0 to SINE_AMPLITUDE_MAX, a frequency of 30 000 to 80 000 mHz.
 * The phase runs on. */
void sine_set(uint16_t amplitude, uint32_t frequency_mhz);

/* Two milliseconds of ticks have passed since the last ones that were taken. Call with interrupts
 * off, or where a lost race only costs a turn. */
bool clock_turn_due(void);

/* Counts what has passed. Returns milliseconds since sine_init; to be called at least every 4 s. */
uint32_t clock_update_ms(void);

#endif
