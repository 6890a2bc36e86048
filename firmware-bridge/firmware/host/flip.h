/* What one flipped bit of the core's memory comes to, for tests. */
#ifndef CALMLOOP_FLIP_H
#define CALMLOOP_FLIP_H

#include <stdint.h>

#include "chair.h"

/* What the host does after the flip, every 100 ms or when a nonce is fresh. */
enum flip_way {
    FLIP_DRIVEN = 0, /* arms, drives at full level and leases for 1.4 s, then sends STOP and drives on */
    FLIP_STOPPED = 1, /* sends STOP at once, and drives on */
    FLIP_UNLEASED = 2, /* drives on without a lease */
    FLIP_SILENT = 3, /* leases, and drives no more */
};

struct flip_outcome {
    uint32_t over_ms;  /* how long an output was above its true ceiling, or outside of its band */
    uint32_t quiet_ms; /* from the STOP, or else from the flip, to the last output of vibration or sound */
    uint32_t fault;    /* in the end */
    uint32_t gained_s; /* of the hour, by a chair without a fault in the end */
};

/* Bytes of a chair. */
uint32_t host_size(void);

/* What a test flips a bit of. */
enum host_field {
    FIELD_CALIBRATION,
    FIELD_STATE,
    FIELD_FAULT,
    FIELD_SETPOINT_DEADLINE,
    FIELD_LEASE_DEADLINE,
    FIELD_LOCKOUT_DEADLINE,
    FIELD_LOCKOUT_RUNNING,
    FIELD_LOCKOUT_IS_LONG,
    FIELD_CHILD_LATCHED,
    FIELD_ESTOP_LATCHED,
    FIELD_HOUR_TOTAL,
    FIELD_HOUR_MINUTES,
    FIELD_HOUR_NEWEST,
    FIELD_HOUR_AGE,
    FIELD_HOUR_PART,
    FIELD_HOUR_SEQ,
    FIELD_HOUR_CLAIM,
    FIELD_LATCHES_FAILURES,
    FIELD_TABLE_DUE,
    FIELD_RECEIVED_SIZE,
    FIELD_HOUR_RECORD_DUE,
    FIELD_TABLE_GENERATION,
    FIELDS,
};

/* Where it lies in a chair, and how long it is, in bytes. */
struct host_place {
    uint32_t at;
    uint32_t size;
};
struct host_place host_place_of(uint32_t field);

/* Flip `bit` in a copy of `whole` at `now_ms`, and look what becomes of it. */
void host_flip(const struct chair *whole, uint32_t now_ms, uint32_t bit, uint32_t way,
               struct flip_outcome *outcome);

#endif
