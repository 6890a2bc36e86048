/* A chair with a witness beside it, who knows only what went in and asks the invariants after every
 * tick and every frame: the same ones as tests/unit/firmware_core/invariants.py. */
#ifndef CALMLOOP_FUZZ_WITNESS_H
#define CALMLOOP_FUZZ_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "chair.h"

#define WITNESS_NONCES 16u

/* How long an input has been the same without a break. */
struct held {
    bool value;
    bool known;
    uint32_t for_ms;
};

/* Times are milliseconds since the boot. */
struct witness {
    uint32_t now_ms;
    uint32_t nonces[WITNESS_NONCES];
    uint32_t issued_ms[WITNESS_NONCES];
    uint32_t issued;
    uint32_t lease_end_ms;
    uint32_t setpoint_end_ms;
    uint32_t armed_ms;
    uint32_t quiet_by_ms;
    bool must_be_quiet;
    struct held red;
    struct held ack;
    bool ack_was_released;
    bool contactor_opened;
    bool self_test_failed;
};

/* A chair, its surroundings and its witness. It holds pointers into itself: copy it back only to
 * where it was. */
struct world {
    struct chair chair;
    struct witness witness;
    struct inputs inputs;
    uint8_t store[STORE_SIZE];
    uint32_t now_ms;
    uint16_t seq;
    bool leased; /* every fresh nonce is answered at once */
};

/* Out of reset. The store is as it stands. */
void world_boot(struct world *world, uint32_t boot_id, uint8_t reset_flags, bool self_test_ok);

/* One tick, `elapsed_ms` (0 to 250) after the last, and what the hardware does after it. */
void world_tick(struct world *world, uint32_t elapsed_ms);

/* `count` ticks of `step_ms` each. */
void world_run(struct world *world, uint32_t count, uint32_t step_ms);

/* A whole frame arrives; its sequence is filled in. */
void world_send(struct world *world, struct frame frame);

/* Bytes arrive that the witness cannot read: none of them may be a whole frame of this boot. */
void world_noise(struct world *world, const uint8_t *bytes, size_t size);

/* The nonce issued `back` before the newest, or 0. */
uint32_t world_nonce(const struct world *world, uint32_t back);

#endif
