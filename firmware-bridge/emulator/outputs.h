/* The chair's outputs, read from the registers that drive the pins, not from what the core meant.
 *
 * simavr moves the pins of a PWM itself and leaves stale levels behind; so a level is worked out from
 * the compare registers, the timers' connections and the port directions, and a pin whose direction
 * is "in" is high-impedance: a resistor pulls it down. */
#ifndef CALMLOOP_OUTPUTS_H
#define CALMLOOP_OUTPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "chip.h"
#include "record.h"
#include "wave.h"

enum level { LEVEL_RED, LEVEL_GREEN, LEVEL_BLUE, LEVEL_SOUND, LEVELS };

enum drive { DRIVE_FLOATING, DRIVE_PIN, DRIVE_PWM };

/* The amplifier is on while its pin is high and the pump was moved within 10 ms. */
struct amplifier {
    bool pin;
    bool pumped;
    bool pump_level;
    uint64_t pumped_cycle;
    bool on;
};

struct outputs {
    struct chip *chip;
    struct record *record;
    unsigned int level[LEVELS]; /* 256ths of the time that the pin is high */
    enum drive drive[LEVELS];
    bool sine_driven;
    struct wave wave;
    struct amplifier amplifier;
    struct given traced;
    bool traced_any;
};

void outputs_init(struct outputs *outputs, struct chip *chip, struct record *record);

/* Everything floats: after a reset or without power. */
void outputs_float(struct outputs *outputs);

/* Let time act: the pump runs down, a wave that has stopped is no wave, the trace is kept. */
void outputs_poll(struct outputs *outputs);

#endif
