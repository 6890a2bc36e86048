/* What happened and when, as JSON lines: the emulator's own events, and the simulated chair's trace. */
#ifndef CALMLOOP_RECORD_H
#define CALMLOOP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pace.h"

struct record {
    FILE *events;  /* NULL: not wanted */
    FILE *trace;   /* NULL: not wanted */
    FILE *samples; /* NULL: not wanted */
    FILE *bytes;   /* NULL: not wanted */
    struct pace *pace;
};

/* Open a file for appending, line by line. NULL for a NULL path; ends the program when it cannot. */
FILE *record_open(const char *path);

/* One event at a cycle: its name, and further members as printf writes them ("\"level\": %d"), NULL
 * for none. */
void record_event(struct record *record, uint64_t cycle, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What the outputs give, in per cent and Hz, as the simulated chair's trace has it. */
struct given {
    int state;
    double vibration_pct;
    double vibration_hz;
    double sound_pct;
    double red_pct;
    double green_pct;
    double blue_pct;
};

#define STATE_OFF (-1)

void record_trace(struct record *record, uint64_t cycle, const struct given *given);

/* Bytes on the serial line, all from one end ("chair" or "host"). */
void record_bytes(struct record *record, uint64_t cycle, const char *from, const uint8_t *bytes,
                  size_t size);

/* One value of the sine's output. */
void record_sample(struct record *record, uint64_t cycle, unsigned int value);

#endif
