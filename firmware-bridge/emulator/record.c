#include "record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "protocol.h"

static const char *const NAMES[] = {STATE_NAMES};

FILE *record_open(const char *path)
{
    if (path == NULL) {
        return NULL;
    }
    FILE *file = fopen(path, "ae");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    setvbuf(file, NULL, _IOLBF, BUFSIZ);
    return file;
}

void record_event(struct record *record, uint64_t cycle, const char *event, const char *format, ...)
{
    va_list members;

    if (record->events == NULL) {
        return;
    }
    fprintf(record->events, "{\"at_ns\": %" PRIu64 ", \"cycle\": %" PRIu64 ", \"event\": \"%s\"%s",
            pace_at_ns(record->pace, cycle), cycle, event, format == NULL ? "" : ", ");
    if (format != NULL) {
        va_start(members, format);
        vfprintf(record->events, format, members);
        va_end(members);
    }
    fputs("}\n", record->events);
}

static const char *state_name(int state)
{
    if (state == STATE_OFF) {
        return "OFF";
    }
    /* Before the core has started, memory holds anything. */
    bool known = state >= 0 && state < (int)(sizeof NAMES / sizeof NAMES[0]);
    return NAMES[known ? state : 0];
}

void record_trace(struct record *record, uint64_t cycle, const struct given *given)
{
    if (record->trace == NULL) {
        return;
    }
    fprintf(record->trace,
            "{\"at_ns\": %" PRIu64 ", \"state\": \"%s\", \"vibration_pct\": %.4f, "
            "\"vibration_hz\": %.3f, \"sound_pct\": %.4f, \"red_pct\": %.4f, "
            "\"green_pct\": %.4f, \"blue_pct\": %.4f, \"cycle\": %" PRIu64 "}\n",
            pace_at_ns(record->pace, cycle), state_name(given->state), given->vibration_pct,
            given->vibration_hz, given->sound_pct, given->red_pct, given->green_pct,
            given->blue_pct, cycle);
}

void record_bytes(struct record *record, uint64_t cycle, const char *from, const uint8_t *bytes,
                  size_t size)
{
    if (record->bytes == NULL || size == 0) {
        return;
    }
    fprintf(record->bytes, "{\"at_ns\": %" PRIu64 ", \"cycle\": %" PRIu64 ", \"from\": \"%s\", \"hex\": \"",
            pace_at_ns(record->pace, cycle), cycle, from);
    for (size_t i = 0; i < size; i++) {
        fprintf(record->bytes, "%02x", bytes[i]);
    }
    fputs("\"}\n", record->bytes);
}

void record_sample(struct record *record, uint64_t cycle, unsigned int value)
{
    if (record->samples != NULL) {
        fprintf(record->samples, "%" PRIu64 " %u\n", cycle, value);
    }
}
