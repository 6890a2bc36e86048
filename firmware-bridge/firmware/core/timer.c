#include "timer.h"

#include <string.h>

void timer_start(struct timer *timer, uint32_t now_ms, uint32_t duration_ms)
{
    timer->deadline_ms = now_ms + duration_ms;
    timer->running = true;
}

void timer_extend(struct timer *timer, uint32_t now_ms, uint32_t duration_ms)
{
    if (duration_ms > timer_left_ms(timer, now_ms)) {
        timer_start(timer, now_ms, duration_ms);
    }
}

void timer_poll(struct timer *timer, uint32_t now_ms)
{
    timer->running = timer_left_ms(timer, now_ms) > 0;
}

uint32_t timer_left_ms(const struct timer *timer, uint32_t now_ms)
{
    uint32_t left_ms = timer->deadline_ms - now_ms;

    return timer->running && left_ms <= TIMER_MAX_MS ? left_ms : 0;
}

uint8_t timer_check(const struct timer *timer)
{
    uint32_t half = timer->deadline_ms ^ (timer->deadline_ms >> 16);

    return (uint8_t)(half ^ (half >> 8) ^ timer->running);
}

bool hold_poll(struct hold *hold, bool condition, uint32_t now_ms, uint32_t duration_ms)
{
    if (!condition) {
        hold->pending = false;
        hold->reached = false;
        return false;
    }
    if (!hold->pending) {
        hold->pending = true;
        hold->since_ms = now_ms;
    }
    if (now_ms - hold->since_ms >= duration_ms) {
        hold->reached = true;
    }
    return hold->reached;
}

void window_init(struct window *window, uint8_t *buckets, const struct window_shape *shape)
{
    memset(buckets, 0, shape->count);
    *window = (struct window){0};
}

static void drop_oldest(struct window *window, uint8_t *buckets, const struct window_shape *shape)
{
    window->newest = (uint8_t)((window->newest + 1u) % shape->count);
    window->total = (uint16_t)(window->total - buckets[window->newest]);
    buckets[window->newest] = 0;
}

void window_advance(struct window *window, uint8_t *buckets, const struct window_shape *shape,
                    uint16_t elapsed_ms)
{
    window->age_ms = (uint16_t)(window->age_ms + elapsed_ms);
    while (window->age_ms >= shape->bucket_ms) {
        window->age_ms = (uint16_t)(window->age_ms - shape->bucket_ms);
        drop_oldest(window, buckets, shape);
    }
}

void window_add(struct window *window, uint8_t *buckets, const struct window_shape *shape)
{
    uint8_t *newest = &buckets[window->newest % shape->count];

    if (*newest < UINT8_MAX) {
        (*newest)++;
        window->total++;
    }
}
