/* How long the chair may be ACTIVE: 30 min per ARM, and 30 min in any 60 min of uptime. */
#ifndef CALMLOOP_SESSION_H
#define CALMLOOP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "envelope.h"
#include "timer.h"

/* One bucket a minute, and one for the minute that is filling. */
#define SESSION_BUCKETS (SESSION_WINDOW_MIN + 1u)

struct session {
    uint8_t minutes[SESSION_BUCKETS]; /* seconds ACTIVE in each of the last minutes */
    struct window active_s;
    uint16_t part_ms;    /* of the second that is running */
    uint16_t arm_left_s; /* of this ARM */
};

void session_init(struct session *session);

/* An ARM was accepted: its own 30 min begin. */
void session_arm(struct session *session);

/* Let at most 1000 ms pass; `active` says whether the chair was ACTIVE in them. */
void session_advance(struct session *session, bool active, uint16_t elapsed_ms);

/* Seconds that may still be ACTIVE in this hour. */
uint16_t session_budget_s(const struct session *session);

/* Seconds left of this ARM, within the hour's budget. */
uint16_t session_left_s(const struct session *session);

#endif
