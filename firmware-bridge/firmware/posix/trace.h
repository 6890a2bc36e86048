/* What left the outputs and when: JSON lines, one for every change, flushed at once.
 *
 * It is written by the chair itself, so that a test's stop times depend on nothing else. */
#ifndef CALMLOOP_TRACE_H
#define CALMLOOP_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "chair.h"

struct trace {
    FILE *file; /* NULL: nothing is traced */
    bool begun;
    enum state state;
    struct status shown; /* outputs as last written, in per mille */
};

/* Open for appending. False: errno says why. */
bool trace_open(struct trace *trace, const char *path);

/* Write a line if the state, or an output by 0.1 % or to or from zero, has changed. */
void trace_outputs(struct trace *trace, const struct chair *chair, uint64_t at_ns);

/* Write that the power is off: the state is "OFF", every output zero. */
void trace_power_off(struct trace *trace, uint64_t at_ns);

#endif
