#include "session.h"

#define SECOND_MS 1000u
#define MINUTE_S 60u

static const struct window_shape MINUTES = {.count = SESSION_BUCKETS, .bucket_ms = 60000};

static uint8_t filling(const struct session *session)
{
    return session->active_s.newest % SESSION_BUCKETS;
}

/* Any bit of it that flips is another check. */
static uint8_t check_of(const struct session *session)
{
    uint16_t times = session->active_s.age_ms ^ session->part_ms;

    return (uint8_t) ~(times ^ (times >> 8) ^ session->active_s.newest ^ session->seq ^
                       session->claimed_s ^ session->recorded);
}

static void seal(struct session *session)
{
    session->check = check_of(session);
}

void session_init(struct session *session)
{
    *session = (struct session){0};
    window_init(&session->active_s, session->minutes, &MINUTES);
    seal(session);
}

/* --- what memory has kept ------------------------------------------------------------------- */

bool session_clock_is_kept(const struct session *session)
{
    return session->check == check_of(session);
}

static uint16_t sum_of_minutes(const struct session *session)
{
    uint16_t sum = 0;

    for (uint8_t i = 0; i < SESSION_BUCKETS; i++) {
        sum = (uint16_t)(sum + session->minutes[i]);
    }
    return sum;
}

bool session_total_is_kept(const struct session *session)
{
    return session->active_s.total == sum_of_minutes(session);
}

/* --- the store ------------------------------------------------------------------------------ */

/* Records follow each other by less than half of the 256 numbers: a row of them does not end before it
 * has been through all the slots. */
static bool is_newer(uint8_t a, uint8_t b)
{
    return (uint8_t)(a - b) < 0x80u;
}

static uint8_t bucket_after(uint8_t bucket)
{
    return (uint8_t)((bucket + 1u) % SESSION_BUCKETS);
}

static uint8_t bucket_before(uint8_t bucket)
{
    return (uint8_t)((bucket + SESSION_BUCKETS - 1u) % SESSION_BUCKETS);
}

static void find_newest(struct session *session, uint8_t slot, const struct store_minute *minute)
{
    session->minutes[slot] = minute->seconds;
    if (minute->result == STORE_GOOD &&
        (!session->recorded || is_newer(minute->seq, session->seq))) {
        session->recorded = true;
        session->seq = minute->seq;
        session->active_s.newest = slot;
    }
}

/* A damaged record was being written when the power went. Behind the newest one it was either the claim of
 * a minute that had begun, of which number and the minute before were there already, or that of a minute
 * that was just beginning: then the claim before it stands for both. */
static void judge_damage(struct session *session, uint8_t slot, const struct store_minute *minute)
{
    bool is_last = session->recorded && slot == bucket_after(filling(session));
    bool had_begun = minute->seq == (uint8_t)(session->seq + 1u);

    session->minutes[slot] = is_last && !had_begun ? 0 : MINUTE_S;
    if (is_last && had_begun) {
        session->minutes[bucket_before(slot)] = minute->over_s;
        session->active_s.newest = slot;
        session->seq++;
    }
}

/* Each record says what the minute before it came to; the oldest has its own behind it no longer. */
static void read_again(struct session *session, uint8_t slot, const struct store_minute *minute)
{
    if (minute->result == STORE_CORRUPT) {
        judge_damage(session, slot, minute);
    } else if (minute->result == STORE_GOOD && slot != bucket_after(filling(session))) {
        session->minutes[bucket_before(slot)] = minute->over_s;
    }
}

void session_restore(struct session *session, uint8_t step, const uint8_t record[STORE_MINUTE_SIZE])
{
    struct store_minute minute = store_read_minute(record);
    uint8_t slot = step % SESSION_BUCKETS;

    if (step < SESSION_BUCKETS) {
        find_newest(session, slot, &minute);
    } else {
        read_again(session, slot, &minute);
    }
    if (step == SESSION_RESTORE_STEPS - 1u) {
        session->active_s.total = sum_of_minutes(session);
    }
    seal(session);
}

static void record(struct session *session)
{
    if (!session->recorded) {
        session->recorded = true;
        session->seq++;
    }
    session->record_due = true;
}

void session_claim(struct session *session)
{
    if (session->claimed_s == 0) {
        session->claimed_s = (uint8_t)(session->minutes[filling(session)] + MINUTE_S);
        record(session);
        seal(session);
    }
}

/* Minutes in an hour without use need no record: the zeros before them were written. */
static void begin_minute(struct session *session, uint16_t used_s)
{
    bool due = session->claimed_s > 0 || used_s > 0;

    session->claimed_s = 0;
    session->recorded = false;
    if (due) {
        record(session);
    }
}

bool session_pop_write(struct session *session, struct store_write *write)
{
    uint8_t slot = filling(session);
    bool due = session->record_due;
    uint8_t used_s = session->minutes[slot];

    if (due) {
        struct store_minute minute = {
            .seq = session->seq,
            /* A claim covers what is used; without one only damaged memory has a record due. */
            .seconds = session->claimed_s > used_s ? session->claimed_s : used_s,
            .over_s = session->minutes[bucket_before(slot)],
        };

        session->record_due = false;
        *write = store_prepare_minute(slot, &minute);
    }
    return due;
}

/* --- time ----------------------------------------------------------------------------------- */

void session_arm(struct session *session)
{
    session->arm_left_s = SESSION_LIMIT_S;
}

static void use(struct session *session, uint16_t elapsed_ms)
{
    session->part_ms = (uint16_t)(session->part_ms + elapsed_ms);
    if (session->part_ms >= SECOND_MS) {
        session->part_ms = (uint16_t)(session->part_ms - SECOND_MS);
        session->arm_left_s--;
        window_add(&session->active_s, session->minutes, &MINUTES);
    }
}

void session_advance(struct session *session, bool active, uint16_t elapsed_ms)
{
    uint8_t before = filling(session);
    uint16_t used_s = session->active_s.total;

    window_advance(&session->active_s, session->minutes, &MINUTES, elapsed_ms);
    if (filling(session) != before) {
        begin_minute(session, used_s);
    }
    if (active) {
        use(session, elapsed_ms);
    }
    seal(session);
}

/* Each reset in one minute adds a claim to its record, which holds four. */
static bool can_claim(const struct session *session)
{
    return session->claimed_s > 0 || session->minutes[filling(session)] <= UINT8_MAX - MINUTE_S;
}

uint16_t session_budget_s(const struct session *session)
{
    uint16_t used_s = session->active_s.total;

    return used_s < SESSION_LIMIT_S && can_claim(session) ? (uint16_t)(SESSION_LIMIT_S - used_s)
                                                          : 0;
}

uint16_t session_left_s(const struct session *session)
{
    uint16_t budget_s = session_budget_s(session);

    return session->arm_left_s < budget_s ? session->arm_left_s : budget_s;
}
