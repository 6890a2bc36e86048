#include "witness.h"

#include "bytes.h"
#include "check.h"
#include "envelope.h"
#include "lease.h"

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void see(struct held *held, bool value, uint32_t elapsed_ms)
{
    held->for_ms = held->known && held->value == value ? held->for_ms + elapsed_ms : 0;
    held->value = value;
    held->known = true;
}

bool witness_lasted(const struct held *held, bool value, uint32_t at_least_ms)
{
    return held->value == value && held->for_ms >= at_least_ms;
}

/* The bounds of PROTOCOL.md. */
static void see_supply(struct witness *witness, uint16_t supply_mv, uint32_t elapsed_ms)
{
    see(&witness->supply_wrong, supply_mv < 9000 || supply_mv > 14500, elapsed_ms);
    see(&witness->supply_right, supply_mv >= 9500 && supply_mv <= 14000, elapsed_ms);
    if (witness_lasted(&witness->supply_wrong, true, WITNESS_DRIVE_MS)) {
        witness->supply_is_lost = true;
    } else if (witness_lasted(&witness->supply_right, true, WITNESS_SUPPLY_BACK_MS)) {
        witness->supply_is_lost = false;
    }
}

void witness_see_inputs(struct witness *witness, const struct inputs *inputs, uint32_t elapsed_ms)
{
    witness->now_ms += elapsed_ms;
    see(&witness->red, inputs->estop_open, elapsed_ms);
    see(&witness->ack, inputs->ack_pressed, elapsed_ms);
    if (witness_lasted(&witness->ack, false, WITNESS_HOLD_MS)) {
        witness->ack_was_released = true;
    }
    see(&witness->child, inputs->child_button_pressed, elapsed_ms);
    see(&witness->cut,
        witness_lasted(&witness->red, false, WITNESS_HOLD_MS) && !inputs->contactor_closed,
        elapsed_ms);
    see_supply(witness, inputs->supply_mv, elapsed_ms);
    if (inputs->estop_open && !inputs->contactor_closed) {
        witness->contactor_opened = true;
    }
}

bool witness_acknowledged(const struct witness *witness)
{
    return witness->ack_was_released && witness_lasted(&witness->ack, true, WITNESS_HOLD_MS);
}

void witness_see_agreement(struct witness *witness, const struct inputs *inputs, bool safe)
{
    if (!safe || inputs->seat_occupied) {
        witness->may_agree = false;
        witness->agreed_before = false;
    } else if (witness_lasted(&witness->ack, false, WITNESS_HOLD_MS)) {
        witness->may_agree = true;
    }
    bool agrees = witness->may_agree && inputs->ack_pressed;
    if (agrees && !witness->agreeing) {
        witness->agreeing_ms = witness->now_ms;
    }
    witness->agreeing = agrees;
}

bool witness_agreed(const struct witness *witness)
{
    return witness->agreeing && witness->now_ms - witness->agreeing_ms >= AGREE_HOLD_MS;
}

uint32_t witness_left_ms(const struct witness *witness, uint32_t end_ms)
{
    return end_ms > witness->now_ms ? end_ms - witness->now_ms : 0;
}

bool witness_issue_time(const struct witness *witness, uint32_t nonce, uint32_t *issued_ms)
{
    for (uint32_t i = 0; i < lesser(witness->issued, WITNESS_NONCES); i++) {
        if (witness->nonces[i] == nonce) {
            *issued_ms = witness->issued_ms[i];
            return true;
        }
    }
    return false;
}

void witness_see_nonce(struct witness *witness, uint32_t nonce)
{
    uint32_t issued_ms;

    CHECK(nonce != 0 && !witness_issue_time(witness, nonce, &issued_ms),
          "a nonce is new, and not 0");
    witness->nonces[witness->issued % WITNESS_NONCES] = nonce;
    witness->issued_ms[witness->issued % WITNESS_NONCES] = witness->now_ms;
    witness->issued++;
}

void witness_see_lease(struct witness *witness, uint32_t boot_id, const uint8_t *payload)
{
    uint32_t nonce = get_u32(payload);
    uint32_t issued_ms;

    if (get_u32(payload + 4) == lease_proof(boot_id, nonce) &&
        witness_issue_time(witness, nonce, &issued_ms) &&
        issued_ms + LEASE_MS > witness->lease_end_ms) {
        witness->lease_end_ms = issued_ms + LEASE_MS;
    }
}

/* The coded ranges of PROTOCOL.md. */
static bool in_range(const uint8_t *payload)
{
    uint16_t frequency_dhz = get_u16(payload + 2);

    for (size_t at = 4; at < 14; at += 2) {
        if (get_u16(payload + at) > 1000) {
            return false;
        }
    }
    return get_u16(payload) > 0 && get_u16(payload + 14) > 0 && frequency_dhz >= 300 &&
           frequency_dhz <= 800;
}

void witness_see_setpoint(struct witness *witness, const uint8_t *payload)
{
    if (in_range(payload)) {
        witness->setpoint_end_ms =
            witness->now_ms + lesser(get_u16(payload + 14), SETPOINT_TTL_MAX_MS);
    }
}

uint32_t witness_nonce(const struct witness *witness, uint32_t back)
{
    if (back >= lesser(witness->issued, WITNESS_NONCES)) {
        return 0;
    }
    return witness->nonces[(witness->issued - 1u - back) % WITNESS_NONCES];
}
