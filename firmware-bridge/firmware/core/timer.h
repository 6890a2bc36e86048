/* Time that may wrap: deadlines, conditions that must hold for a while, counts over a window.
 *
 * Milliseconds come from a uint32_t counter that starts anywhere and wraps after 49.7 days. A timer
 * that is polled on every tick stops by itself, so that an old deadline can never come round again. */
#ifndef CALMLOOP_TIMER_H
#define CALMLOOP_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* No timer runs longer: one that has more left is damaged, and over. */
#define TIMER_MAX_MS UINT32_C(30000)

struct timer {
    uint32_t deadline_ms;
    bool running;
};

void timer_start(struct timer *timer, uint32_t now_ms, uint32_t duration_ms);

/* Start, but never bring a deadline that is still ahead nearer. */
void timer_extend(struct timer *timer, uint32_t now_ms, uint32_t duration_ms);

/* Stop the timer once its deadline has come. Call on every tick. */
void timer_poll(struct timer *timer, uint32_t now_ms);

/* A byte that is another one when any bit of the timer is: to see that memory has kept it. */
uint8_t timer_check(const struct timer *timer);

/* Milliseconds to the deadline; 0 when it has come or none was set. */
uint32_t timer_left_ms(const struct timer *timer, uint32_t now_ms);

/* A condition that counts only once it has held without a break. */
struct hold {
    uint32_t since_ms;
    bool pending;
    bool reached;
};

/* Poll on every tick. True while `condition` has held for `duration_ms` or longer. */
bool hold_poll(struct hold *hold, bool condition, uint32_t now_ms, uint32_t duration_ms);

/* Events over a sliding window of `count` buckets of `bucket_ms` each, the newest still filling: the
 * window covers at least (count - 1) * bucket_ms, and never more than count * bucket_ms. */
struct window {
    uint8_t newest;
    uint16_t age_ms;
    uint16_t total;
};

/* A constant, so that nothing in RAM says where a window's buckets lie or how many there are. */
struct window_shape {
    uint8_t count;
    uint16_t bucket_ms;
};

/* `buckets` has `shape->count` bytes, and is the same in every call. */
void window_init(struct window *window, uint8_t *buckets, const struct window_shape *shape);

/* Let time pass, at most 1000 ms a call. */
void window_advance(struct window *window, uint8_t *buckets, const struct window_shape *shape,
                    uint16_t elapsed_ms);

/* Count one event. A bucket holds at most 255: what is beyond is not counted. */
void window_add(struct window *window, uint8_t *buckets, const struct window_shape *shape);

#endif
