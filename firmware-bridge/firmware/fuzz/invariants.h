/* What must hold after every tick and every frame: the same invariants as in
 * tests/unit/firmware_core/invariants.py. */
#ifndef CALMLOOP_FUZZ_INVARIANTS_H
#define CALMLOOP_FUZZ_INVARIANTS_H

#include "world.h"

/* What the invariants compare. */
struct view {
    enum state state;
    enum fault_code fault;
    struct gate gate;
    uint32_t lease_left_ms;
    uint32_t lockout_ms;
    uint32_t arm_id;
    bool child_latched;
    uint32_t calibration_hash;
    struct calibration table;
    bool identified;
};

struct view view_of(const struct world *world);

/* A tick, `elapsed_ms` after the last, has changed `was` into what is now. */
void check_tick(struct world *world, const struct view *was, uint32_t elapsed_ms);

/* A whole frame has. */
void check_frame(struct world *world, const struct frame *frame, const struct view *was);

/* Bytes that were no whole frame of this boot have. */
void check_noise(struct world *world, const struct view *was);

#endif
