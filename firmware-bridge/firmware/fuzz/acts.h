/* What a play is made of: acts of people, host, line and hardware, read from an input's bytes. */
#ifndef CALMLOOP_FUZZ_ACTS_H
#define CALMLOOP_FUZZ_ACTS_H

#include "host.h"

/* Whatever the next byte says. */
void act_any(struct script *script);

#endif
