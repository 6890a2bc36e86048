/* What a reset must not undo, as the one byte that is stored: the fault, the emergency stop, and whether
 * the long lockout is still owed. */
#ifndef CALMLOOP_LATCHES_H
#define CALMLOOP_LATCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"

/* Bits of the byte beside the fault's code. A byte without them is what firmware 1.1 stored. */
#define LATCHES_FAULT 0x0Fu
#define LATCHES_LOCKOUT 0x40u
#define LATCHES_ESTOP 0x80u

struct latches {
    enum fault_code fault;
    bool estop;
    bool lockout; /* a fault was acknowledged, and its lockout has not ended */
};

uint8_t latches_pack(const struct latches *latches);

/* A code that this firmware does not know is a fault of the store. */
struct latches latches_unpack(uint8_t byte);

#endif
