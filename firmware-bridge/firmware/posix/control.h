/* What a person would do to the chair with their hands, as lines of text on a Unix socket.
 *
 *   estop press|release    ack press|release    child press|release
 *   child2 press|release   seat on|off           enclosure open|closed
 *   contactor weld|drop|free
 *   current MILLIAMPERES   supply MILLIVOLTS
 *   power off|on|cycle     reset watchdog|brown-out|external
 *
 * Each line is answered by "ok" once it has taken effect on the inputs, or by "error: ...". */
#ifndef CALMLOOP_CONTROL_H
#define CALMLOOP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inputs.h"

#define CONTROL_CLIENTS 4

enum power_request { POWER_KEEP, POWER_OFF, POWER_ON, POWER_CYCLE, POWER_RESET };

/* The hands' side of the chair. */
struct bench {
    struct inputs inputs;
    bool contactor_welded;
    bool contactor_dropped; /* open, though the red button is closed */
    enum power_request power;
    uint8_t reset_flags; /* of POWER_RESET */
};

struct control_client {
    int fd;
    size_t held;
    char line[128];
};

struct control {
    int listener; /* -1: nobody can reach the bench */
    const char *path;
    struct control_client clients[CONTROL_CLIENTS];
};

/* A chair with someone in it, everything closed and released. */
void bench_init(struct bench *bench);

/* Carry out one line. NULL when it was understood, else what was wrong with it. */
const char *bench_command(struct bench *bench, const char *line);

void control_none(struct control *control);

/* Listen at `path`, replacing an older socket. False: errno says why. */
bool control_open(struct control *control, const char *path);

/* Take connections and lines. At most one power request is taken a turn. */
void control_poll(struct control *control, struct bench *bench);

void control_close(struct control *control);

#endif
