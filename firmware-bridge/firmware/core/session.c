#include "session.h"

#define SECOND_MS 1000u

static const struct window_shape MINUTES = {.count = SESSION_BUCKETS, .bucket_ms = 60000};

void session_init(struct session *session)
{
    window_init(&session->active_s, session->minutes, &MINUTES);
    session->part_ms = 0;
    session->arm_left_s = 0;
}

void session_arm(struct session *session)
{
    session->arm_left_s = SESSION_LIMIT_S;
}

void session_advance(struct session *session, bool active, uint16_t elapsed_ms)
{
    window_advance(&session->active_s, session->minutes, &MINUTES, elapsed_ms);
    if (!active) {
        return;
    }
    session->part_ms = (uint16_t)(session->part_ms + elapsed_ms);
    if (session->part_ms >= SECOND_MS) {
        session->part_ms = (uint16_t)(session->part_ms - SECOND_MS);
        session->arm_left_s--;
        window_add(&session->active_s, session->minutes, &MINUTES);
    }
}

uint16_t session_budget_s(const struct session *session)
{
    return (uint16_t)(SESSION_LIMIT_S - session->active_s.total);
}

uint16_t session_left_s(const struct session *session)
{
    uint16_t budget_s = session_budget_s(session);

    return session->arm_left_s < budget_s ? session->arm_left_s : budget_s;
}
