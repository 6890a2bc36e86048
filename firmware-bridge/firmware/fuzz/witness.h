/* A witness beside the chair, who knows only what went in since its boot and what came out. */
#ifndef CALMLOOP_FUZZ_WITNESS_H
#define CALMLOOP_FUZZ_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "inputs.h"

#define WITNESS_NONCES 16u
#define WITNESS_HOLD_MS 50u
#define WITNESS_DRIVE_MS 20u
#define WITNESS_SUPPLY_BACK_MS 200u

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
    struct held child;
    struct held cut; /* the contactor is open, though the red button has long been closed */
    struct held supply_wrong;
    struct held supply_right;
    bool supply_is_lost;
    bool ack_was_released;
    bool may_agree; /* ACK was released in SAFE, with nobody in the chair */
    bool agreeing;  /* ... and is held since, from then on */
    uint32_t agreeing_ms;
    bool agreed_before; /* to a table, which is the one of this hash */
    uint32_t agreed_hash;
    bool contactor_opened;
    bool self_test_failed;
};

/* Time passed, and these are the inputs now. */
void witness_see_inputs(struct witness *witness, const struct inputs *inputs, uint32_t elapsed_ms);

/* One tick in which the chair was or was not SAFE. */
void witness_see_agreement(struct witness *witness, const struct inputs *inputs, bool safe);

/* ACK has been held for as long as a table asks. */
bool witness_agreed(const struct witness *witness);

/* A fresh nonce came out. */
void witness_see_nonce(struct witness *witness, uint32_t nonce);

/* A LEASE for this boot goes in. */
void witness_see_lease(struct witness *witness, uint32_t boot_id, const uint8_t *payload);

/* A SETPOINT for this boot goes into a chair that is ARMED or ACTIVE. */
void witness_see_setpoint(struct witness *witness, const uint8_t *payload);

/* The input has been `value` for so long. */
bool witness_lasted(const struct held *held, bool value, uint32_t at_least_ms);

/* ACK was released and is pressed, both for long enough. */
bool witness_acknowledged(const struct witness *witness);

uint32_t witness_left_ms(const struct witness *witness, uint32_t end_ms);

/* When a nonce was issued; false when it never was, or too long ago to matter. */
bool witness_issue_time(const struct witness *witness, uint32_t nonce, uint32_t *issued_ms);

/* The nonce issued `back` before the newest, or 0. */
uint32_t witness_nonce(const struct witness *witness, uint32_t back);

#endif
