/* What a person would do to a chair with their hands, as lines of text: the simulated chair and the
 * emulator obey the same.
 *
 *   estop press|release    ack press|release    child press|release
 *   child2 press|release   seat on|off           enclosure open|closed
 *   contactor weld|drop|free
 *   current MILLIAMPERES   supply MILLIVOLTS
 *   power off|on|cycle     reset watchdog|brown-out|external */
#ifndef CALMLOOP_BENCH_H
#define CALMLOOP_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "inputs.h"

enum power_request { POWER_KEEP, POWER_OFF, POWER_ON, POWER_CYCLE, POWER_RESET };

/* The hands' side of the chair. */
struct bench {
    struct inputs inputs; /* the contactor's is left to who owns the bench */
    bool contactor_welded;
    bool contactor_dropped; /* open, though the red button is closed */
    enum power_request power;
    uint8_t reset_flags; /* of POWER_RESET, as fault.h has them */
};

/* A chair with someone in it, everything closed and released. */
void bench_init(struct bench *bench);

/* Carry out one line; a request for power is left in `power`. NULL when it was understood, else what was
 * wrong with it. */
const char *bench_command(struct bench *bench, const char *line);

/* Read a number from 0 to 65535. NULL, or what is wrong with the word. */
const char *bench_number(uint16_t *number, const char *word);

/* Whether the contactor is to be closed. */
bool bench_contactor_is_held(const struct bench *bench);

#endif
