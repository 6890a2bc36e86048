/* Real time: emulated cycles against CLOCK_MONOTONIC, and how far they have fallen behind. Or stepped:
 * no time passes but what is asked for, so that the machine's own speed does not matter. */
#ifndef CALMLOOP_PACE_H
#define CALMLOOP_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define CYCLES_PER_S UINT64_C(16000000)
#define CYCLES_PER_MS UINT64_C(16000)

struct pace {
    bool stepped; /* time is the chip's own, from 0 */
    uint64_t start_ns;
    uint64_t begun_ns;       /* when the pace began, never moved */
    uint64_t slice_ns;       /* wall time at which the running slice began */
    uint64_t slice_cycle;
    uint64_t newest_ns;      /* stamps never go back */
    uint64_t behind_ns;      /* at the last slice */
    uint64_t most_behind_ns;
    uint64_t given_up_ns;    /* after a standstill, time that was not caught up */
};

uint64_t pace_now_ns(void);

void pace_begin(struct pace *pace, bool stepped);

/* Wait until the slice that begins at `cycle` is due. */
void pace_wait(struct pace *pace, uint64_t cycle);

/* CLOCK_MONOTONIC of a cycle in the running slice; when stepped, the chip's own time. */
uint64_t pace_at_ns(struct pace *pace, uint64_t cycle);

/* How much slower than real time the whole run was, in per cent. */
double pace_lag_pct(const struct pace *pace);

#endif
