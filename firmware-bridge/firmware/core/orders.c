/* What a host may ask of the machine; STOP alone is in machine.c, with the other ways to stop. */
#include "machine.h"

#include "envelope.h"
#include "memory.h"

void machine_identify(struct machine *machine, bool matched)
{
    machine->identified = matched;
}

enum arm_result machine_arm_block(const struct machine *machine, uint32_t now_ms)
{
    if (machine->state != STATE_SAFE) {
        return ARM_WRONG_STATE;
    }
    if (!machine->identified) {
        return ARM_NOT_IDENTIFIED;
    }
    if (!machine->buttons.estop_is_closed) {
        return ARM_ESTOP_OPEN;
    }
    if (machine->drive.contactor_open) {
        return ARM_CONTACTOR_OPEN;
    }
    if (machine->drive.supply_lost) {
        return ARM_NO_SUPPLY;
    }
    if (machine->child_latched) {
        return ARM_CHILD_BUTTON;
    }
    if (timer_left_ms(&machine->lockout, now_ms) > 0) {
        return ARM_LOCKED_OUT;
    }
    if (!lease_proven(&machine->lease, now_ms)) {
        return ARM_NO_LEASE;
    }
    return session_budget_s(&machine->session) == 0 ? ARM_SESSION_SPENT : ARM_OK;
}

enum arm_result machine_arm(struct machine *machine, const struct arm *arm, uint32_t now_ms)
{
    bool running = machine->state == STATE_ARMED || machine->state == STATE_ACTIVE;

    if (running && arm->arm_id == machine->arm_id) {
        return ARM_OK;
    }
    enum arm_result block = machine_arm_block(machine, now_ms);
    if (block != ARM_OK) {
        return block;
    }
    if (arm->arm_id == 0 || arm->arm_id == machine->arm_id) {
        return ARM_USED_ID;
    }
    if (lease_nonce_left_ms(&machine->lease, arm->nonce, now_ms) == 0) {
        return ARM_STALE_NONCE;
    }
    if (!memory_prove(machine)) {
        return ARM_WRONG_STATE;
    }
    machine->state = STATE_ARMED;
    machine->stop_reason = STOP_NONE;
    machine->arm_id = arm->arm_id;
    machine->applied_tag = 0;
    session_arm(&machine->session);
    timer_start(&machine->armed_wait, now_ms, ARMED_WAIT_MS);
    return ARM_OK;
}

static void count_bad_setpoint(struct machine *machine)
{
    window_add(&machine->bad_setpoints, machine->bad_setpoint_buckets, &BAD_SETPOINT_WINDOW);
    if (machine->bad_setpoints.total >= BAD_SETPOINTS_PER_10S) {
        fault_latch(&machine->fault, FAULT_SETPOINTS);
    }
}

bool machine_setpoint(struct machine *machine, const struct setpoint *setpoint, uint32_t now_ms)
{
    if (!setpoint_in_range(setpoint)) {
        count_bad_setpoint(machine);
        return false;
    }
    if (machine->state != STATE_ARMED && machine->state != STATE_ACTIVE) {
        return false;
    }
    uint32_t ttl_ms =
        setpoint->ttl_ms < SETPOINT_TTL_MAX_MS ? setpoint->ttl_ms : SETPOINT_TTL_MAX_MS;
    machine->setpoint = *setpoint;
    machine->state = STATE_ACTIVE;
    timer_start(&machine->setpoint_ttl, now_ms, ttl_ms);
    return true;
}

bool machine_lease(struct machine *machine, const struct lease_answer *answer, uint32_t now_ms)
{
    return lease_renew(&machine->lease, answer->nonce, answer->proof, now_ms) == LEASE_GOOD;
}

void machine_bad_frame(struct machine *machine)
{
    window_add(&machine->bad_frames, machine->bad_frame_buckets, &BAD_FRAME_WINDOW);
}

/* Who agreed did so for one table. */
static void spend_agreement(struct machine *machine, uint32_t refused_hash)
{
    machine->agreement = (struct agreement){.refused_hash = refused_hash};
}

static bool jumps(const struct machine *machine, const struct calibration *table)
{
    return calibration_kind(&machine->calibration) != CALIBRATION_NONE &&
           calibration_jumps(&machine->calibration, table);
}

static enum calibrate_result calibrate_block(const struct machine *machine)
{
    if (!machine->identified) {
        return CALIBRATE_NOT_IDENTIFIED;
    }
    if (machine->inputs.seat_occupied) {
        return CALIBRATE_SEAT_OCCUPIED;
    }
    return machine->agreement.given.reached ? CALIBRATE_OK : CALIBRATE_NOT_CONFIRMED;
}

enum calibrate_result machine_calibrate(struct machine *machine, const struct calibration *table,
                                        bool may_jump)
{
    uint32_t hash = calibration_hash(table);

    if (machine->state != STATE_SAFE) {
        return CALIBRATE_WRONG_STATE;
    }
    if (calibration_kind(table) != CALIBRATION_MEASURED) {
        return CALIBRATE_IMPLAUSIBLE;
    }
    if (hash == calibration_hash(&machine->calibration)) {
        return CALIBRATE_OK;
    }
    enum calibrate_result block = calibrate_block(machine);
    if (block != CALIBRATE_OK) {
        return block;
    }
    if (jumps(machine, table) && !(may_jump && hash == machine->agreement.refused_hash)) {
        spend_agreement(machine, hash);
        return CALIBRATE_JUMPS;
    }
    spend_agreement(machine, 0);
    machine->calibration = *table;
    machine->identified = false;
    return CALIBRATE_OK;
}

void machine_lose_calibration(struct machine *machine)
{
    calibration_none(&machine->calibration);
    machine->identified = false;
    fault_latch(&machine->fault, FAULT_STORE);
}
