/* The core behind a flat interface, so that tests drive the real C from Python. */
#ifndef CALMLOOP_HOST_H
#define CALMLOOP_HOST_H

#include <stdint.h>

#include "chair.h"

/* Everything a test looks at, every field a u32. */
struct host_view {
    uint32_t state;
    uint32_t fault;
    uint32_t stop_reason;
    uint32_t arm_block;
    uint32_t identified;
    uint32_t lease_alive;
    uint32_t lease_left_ms;
    uint32_t lockout_ms;
    uint32_t session_left_s;
    uint32_t session_budget_s;
    uint32_t applied_tag;
    uint32_t arm_id;
    uint32_t nonce;
    uint32_t bad_frames;
    uint32_t refused;
    uint32_t amplifier_enabled;
    uint32_t vibration_ppm;
    uint32_t vibration_mhz;
    uint32_t sound_ppm;
    uint32_t red_ppm;
    uint32_t green_ppm;
    uint32_t blue_ppm;
    uint32_t calibration_hash;
    uint32_t child_latched;
    uint32_t reset_is_kept;
};

/* A chair of its own memory; `store`, of STORE_IMAGE_SIZE, is copied. NULL when there is no memory. */
struct chair *host_new(uint32_t boot_id, uint8_t reset_flags, uint8_t self_test_ok,
                       uint8_t boot_id_kept, uint32_t entropy, uint8_t simulated,
                       const uint8_t *store, uint32_t now_ms);
void host_free(struct chair *chair);

/* One tick with raw inputs: INPUT_... bits, milliamperes, millivolts. */
void host_tick(struct chair *chair, uint8_t input_bits, uint16_t current_ma, uint16_t supply_mv,
               uint32_t now_ms);

#define HOST_WIRE_MAX 4096u

/* What comes out of a chair in a row of turns. */
struct host_turns {
    uint16_t wire_size;
    uint16_t store_at; /* of a write that is due, and has been taken */
    uint8_t store_size; /* 0: none is */
    uint8_t store[STORE_WRITE_MAX];
    uint8_t wire[HOST_WIRE_MAX]; /* everything sent, frame by frame */
};

/* How a row of turns goes: raw inputs as for host_tick, turns `step_ms` apart, at most `count` of them. */
struct host_row {
    uint32_t now_ms; /* of the turn before */
    uint32_t step_ms;
    uint32_t count;
    uint16_t current_ma;
    uint16_t supply_mv;
    uint8_t inputs;
    uint8_t leases; /* each fresh nonce is answered in the turn that brings it */
    uint8_t stores; /* the store is free for a write */
};

/* Turns in a row: a tick, what is sent, what is stored. The row ends early with a write to the store, or
 * when no more fits `turns`. Returns how many there were. */
uint32_t host_run(struct chair *chair, const struct host_row *row, struct host_turns *turns);

void host_view(const struct chair *chair, uint32_t now_ms, struct host_view *view);

/* The nonce of a STATUS that brings a fresh one, or 0; `wire` is one frame with its closing zero. */
uint32_t host_fresh_nonce(const uint8_t *wire, size_t size);

#endif
