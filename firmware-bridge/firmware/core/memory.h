/* Memory that says what it was given to keep: a flipped bit ends in FAULT before it has lifted anything for
 * long. Levels and frequency of the gate need no check: each step brings them under their ceiling. */
#ifndef CALMLOOP_MEMORY_H
#define CALMLOOP_MEMORY_H

#include "machine.h"

/* Look at the state and at the ceiling in use, and once a second at the whole calibration. On every tick. */
void memory_poll(struct machine *machine, uint16_t elapsed_ms);

/* Look at all of it now; false, with a fault latched, when something is not as it was. */
bool memory_prove(struct machine *machine);

#endif
