#define _GNU_SOURCE
#include "pace.h"

#include <errno.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
/* Further behind than this, the emulator was stopped: it does not race through what it missed. */
#define CATCH_UP_MAX_NS (NS_PER_S / 2)

static uint64_t cycles_to_ns(uint64_t cycles)
{
    return cycles * 125u / 2u;
}

uint64_t pace_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void pace_begin(struct pace *pace, bool stepped)
{
    *pace = (struct pace){.stepped = stepped, .start_ns = pace_now_ns()};
    pace->begun_ns = pace->start_ns;
    pace->slice_ns = pace->start_ns;
}

static void sleep_until(uint64_t ns)
{
    struct timespec until = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

void pace_wait(struct pace *pace, uint64_t cycle)
{
    uint64_t due_ns = pace->start_ns + cycles_to_ns(cycle);
    uint64_t now_ns = pace_now_ns();

    if (now_ns < due_ns) {
        sleep_until(due_ns);
        now_ns = pace_now_ns();
    }
    pace->behind_ns = now_ns - due_ns;
    if (pace->behind_ns > pace->most_behind_ns) {
        pace->most_behind_ns = pace->behind_ns;
    }
    if (pace->behind_ns > CATCH_UP_MAX_NS) {
        pace->start_ns += pace->behind_ns;
        pace->given_up_ns += pace->behind_ns;
        pace->behind_ns = 0;
    }
    pace->slice_ns = now_ns;
    pace->slice_cycle = cycle;
}

uint64_t pace_at_ns(struct pace *pace, uint64_t cycle)
{
    if (pace->stepped) {
        return cycles_to_ns(cycle);
    }
    uint64_t at_ns = pace->slice_ns + cycles_to_ns(cycle - pace->slice_cycle);

    if (at_ns > pace->newest_ns) {
        pace->newest_ns = at_ns;
    }
    return pace->newest_ns;
}

double pace_lag_pct(const struct pace *pace)
{
    uint64_t wall_ns = pace_now_ns() - pace->begun_ns;

    if (wall_ns == 0 || pace->stepped) {
        return 0.0;
    }
    return 100.0 * (double)(pace->given_up_ns + pace->behind_ns) / (double)wall_ns;
}
