/* Whether there is power to drive with: the 12 V supply, and the contactor behind it.
 *
 * Either may go while the controller lives on, as when a power brick is unplugged from a board that USB
 * feeds. What comes back must find nothing waiting for it. */
#ifndef CALMLOOP_DRIVE_H
#define CALMLOOP_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "inputs.h"
#include "timer.h"

struct drive {
    struct hold supply_wrong;
    struct hold supply_right;
    struct hold open;
    bool supply_lost;    /* outside of 9 to 14.5 V for 20 ms, and not yet well inside for 200 ms */
    bool contactor_open; /* for 20 ms, though the red button is closed */
};

/* Look at the inputs of one tick. A new one, all zero, has lost nothing. */
void drive_poll(struct drive *drive, const struct inputs *inputs, const struct buttons *buttons,
                uint32_t now_ms);

#endif
