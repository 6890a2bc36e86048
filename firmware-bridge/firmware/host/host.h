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

/* `count` ticks, one each millisecond, the first at `now_ms`. */
void host_run(struct chair *chair, uint8_t input_bits, uint16_t current_ma, uint16_t supply_mv,
              uint32_t now_ms, uint32_t count);

void host_view(const struct chair *chair, uint32_t now_ms, struct host_view *view);

/* A store write that is due: its size, with address and bytes filled in; 0 when none is.
 * chair_store_written says how it ended, before the next one is taken. */
uint8_t host_take_store_write(struct chair *chair, uint16_t *at, uint8_t bytes[STORE_WRITE_MAX]);

#endif
