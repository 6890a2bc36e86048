/* The lines that control.h lists, carried out. */
#ifndef CALMLOOP_COMMANDS_H
#define CALMLOOP_COMMANDS_H

#include "control.h"

/* Carry out one line. NULL when it was done, with an answer (or nothing) in `more`; else what was
 * wrong with it. */
const char *commands_carry_out(struct control *control, const char *line,
                               char more[CONTROL_ANSWER]);

/* Whether a line only lets time pass. */
bool commands_is_step(const char *line);

#endif
