/* A chair in its surroundings: hands, hardware, line and time, with a witness beside it. The invariants
 * are asked after every tick and every frame. */
#ifndef CALMLOOP_FUZZ_WORLD_H
#define CALMLOOP_FUZZ_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "chair.h"
#include "witness.h"

struct world {
    struct chair chair;
    struct witness witness;
    struct inputs inputs;
    uint8_t store[STORE_IMAGE_SIZE];
    struct store_write write;
    uint8_t written;
    bool writing;
    bool store_is_worn; /* what is written from now on does not read back */
    bool fails;         /* the write that is going on */
    bool kept_is_known;
    uint32_t kept_hash; /* of the table that was stored last */
    uint32_t now_ms;
    uint16_t seq;
    bool is_settled;        /* nothing has happened since all that was due was stored */
    bool latches_are_known; /* they were kept when they were stored last */
    bool hour_is_known;     /* every record of a minute so far was kept */
    bool leased; /* every fresh nonce is answered at once */
};

/* Out of reset. The store is as it stands, a write cut off in the middle too. */
void world_boot(struct world *world, uint32_t boot_id, uint8_t reset_flags, bool self_test_ok);

/* One tick, `elapsed_ms` (0 to 250) after the last, and what the hardware does after it. */
void world_tick(struct world *world, uint32_t elapsed_ms);

/* `count` ticks of `step_ms` each. */
void world_run(struct world *world, uint32_t count, uint32_t step_ms);

/* A whole frame arrives; its sequence is filled in. */
void world_send(struct world *world, struct frame frame);

/* Bytes arrive that the witness cannot read: none of them may be a whole frame of this boot. */
void world_noise(struct world *world, const uint8_t *bytes, size_t size);

#endif
