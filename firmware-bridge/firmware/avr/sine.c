#include "sine.h"

#include <avr/io.h>
#include <avr/pgmspace.h>
#include <util/atomic.h>

#define MIDDLE 512
#define TICKS_PER_TURN 32u /* 2.048 ms */

/* 16 MHz / 1024 is 15 625 Hz: 125 eighths of a tick are 8 ms, 125 / 8 ticks one millisecond. */
#define EIGHTHS_PER_MS 125u

/* 2^26 / 15 625 000 mHz = 4.2949673: four, and 19331 / 65536. The error is below 1 ppm. */
#define STEP_WHOLE UINT32_C(4)
#define STEP_FRACTION UINT32_C(19331)

/* sin(2 pi i / 1024) * 32767, made by the build. */
const int16_t SINE[1024] PROGMEM = {
#include "sine_table.inc"
};

/* Shared with the interrupt in sine_tick.S. */
volatile uint32_t sine_phase; /* index into SINE, and 16 bits of fraction */
volatile uint32_t sine_step;  /* of the phase, each tick */
volatile uint16_t sine_amplitude;
volatile uint16_t sine_ticks;

static uint16_t ticks_counted;
static uint16_t eighths;
static uint32_t milliseconds;

void sine_init(void)
{
    OCR1A = MIDDLE;
    TCCR1A = (1u << COM1A1) | (1u << WGM11) | (1u << WGM10);
    TCCR1B = (1u << WGM12) | (1u << CS10);
    TIMSK1 = 1u << TOIE1;
}

void sine_set(uint16_t amplitude, uint32_t frequency_mhz)
{
    uint32_t step = frequency_mhz * STEP_WHOLE + ((frequency_mhz * STEP_FRACTION) >> 16);

    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        sine_step = step;
        sine_amplitude = amplitude;
    }
}

bool clock_turn_due(void)
{
    return (uint16_t)(sine_ticks - ticks_counted) >= TICKS_PER_TURN;
}

uint32_t clock_update_ms(void)
{
    uint16_t now;

    ATOMIC_BLOCK(ATOMIC_RESTORESTATE)
    {
        now = sine_ticks;
    }
    uint32_t passed = eighths + (uint32_t)(uint16_t)(now - ticks_counted) * 8u;
    ticks_counted = now;
    milliseconds += passed / EIGHTHS_PER_MS;
    eighths = (uint16_t)(passed % EIGHTHS_PER_MS);
    return milliseconds;
}
