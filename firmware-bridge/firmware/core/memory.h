/* Memory that says what it was given to keep: a flipped bit ends in FAULT before it has lifted anything for
 * long. Levels and frequency of the gate need no check: each step brings them under their ceiling. */
#ifndef CALMLOOP_MEMORY_H
#define CALMLOOP_MEMORY_H

#include "machine.h"

/* Look at the state, the ceiling in use, the lockout, what is latched and the hour's clock, and once a second
 * at the whole calibration and the whole hour. On every tick before anything of it changes, and with 0 ms before
 * a frame changes it. */
void memory_poll(struct machine *machine, uint16_t elapsed_ms);

/* The lockout and what is latched are as they should be: at the end of each tick, and after each frame that
 * changes them. */
void memory_seal(struct machine *machine);

/* Look at all of it now; false, with a fault latched, when something is not as it was. */
bool memory_prove(struct machine *machine);

#endif
