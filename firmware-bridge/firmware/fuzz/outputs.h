/* The invariants of what the chair puts out: its ceilings, its slew, and when it is felt at all. */
#ifndef CALMLOOP_FUZZ_OUTPUTS_H
#define CALMLOOP_FUZZ_OUTPUTS_H

#include "invariants.h"

bool is_latched(enum state state);
bool is_felt(const struct gate *gate);

/* A tick, `elapsed_ms` after the last, has changed what was put out into what is now. */
void check_outputs(const struct world *world, const struct view *was, const struct view *now,
                   uint32_t elapsed_ms);

#endif
