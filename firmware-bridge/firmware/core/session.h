/* How long the chair may be ACTIVE: 30 min per ARM, and 30 min in any 60 min of uptime.
 *
 * The hour outlives a reset: each minute has a record in the store, and goes on after a reset as if no
 * time had passed. A minute in which the chair is ARMED or ACTIVE is recorded as wholly used when that
 * begins, and as it was once it is over: a reset in between costs a minute at most and never gains one. */
#ifndef CALMLOOP_SESSION_H
#define CALMLOOP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "envelope.h"
#include "store.h"
#include "timer.h"

/* One bucket a minute, and one for the minute that is filling. */
#define SESSION_BUCKETS (SESSION_WINDOW_MIN + 1u)
_Static_assert(SESSION_BUCKETS == STORE_MINUTES, "each bucket has its record");

struct session {
    uint8_t minutes[SESSION_BUCKETS]; /* seconds ACTIVE in each of the last minutes */
    struct window active_s;
    uint16_t part_ms;    /* of the second that is running */
    uint16_t arm_left_s; /* of this ARM */
    uint8_t seq;         /* of the newest record */
    uint8_t claimed_s;   /* what the record of the minute that is filling holds; 0: not claimed */
    bool recorded;       /* that minute has a record, be it due */
    bool record_due;
    uint8_t check; /* of the times and of what the next record says */
};

/* Each record is read twice. */
#define SESSION_RESTORE_STEPS (2u * SESSION_BUCKETS)

void session_init(struct session *session);

/* Take the record of slot `step` % STORE_MINUTES as it is in the store: before time passes, with each step
 * below SESSION_RESTORE_STEPS in turn. A damaged one counts as a used minute. */
void session_restore(struct session *session, uint8_t step,
                     const uint8_t record[STORE_MINUTE_SIZE]);

/* An ARM was accepted: its own 30 min begin. */
void session_arm(struct session *session);

/* Let at most 1000 ms pass; `active` says whether the chair was ACTIVE in them. */
void session_advance(struct session *session, bool active, uint16_t elapsed_ms);

/* The chair is ARMED or ACTIVE: the minute that is filling is taken for used until it is over. */
void session_claim(struct session *session);

/* A record that is due, as the write that keeps it: true once for each. */
bool session_pop_write(struct session *session, struct store_write *write);

/* Which minute it is, and what its record says, is as it was left. On every tick, before time passes. */
bool session_clock_is_kept(const struct session *session);

/* The hour comes to what its minutes do. */
bool session_total_is_kept(const struct session *session);

/* Seconds that may still be ACTIVE in this hour: 0 as well while the minute that is filling has seen so
 * many resets that its record cannot hold another. */
uint16_t session_budget_s(const struct session *session);

/* Seconds left of this ARM, within the hour's budget. */
uint16_t session_left_s(const struct session *session);

#endif
