#include "invariants.h"

#include <string.h>

#include "bytes.h"
#include "check.h"
#include "envelope.h"
#include "outputs.h"

#define QUIET_MS 300u

struct view view_of(const struct world *world)
{
    const struct machine *machine = &world->chair.machine;

    return (struct view){
        .state = machine->state,
        .fault = machine->fault.code,
        .gate = machine->gate,
        .lease_left_ms = timer_left_ms(&machine->lease.alive, world->now_ms),
        .lockout_ms = timer_left_ms(&machine->lockout, world->now_ms),
        .arm_id = machine->arm_id,
        .child_latched = machine->child_latched,
        .identified = machine->identified,
        .calibration_hash = calibration_hash(&machine->calibration),
        .table = machine->calibration,
    };
}

static bool may_become_by_time(enum state was, enum state now)
{
    switch (was) {
    case STATE_BOOT:
        return now == STATE_SAFE || is_latched(now);
    case STATE_SAFE:
        return is_latched(now);
    case STATE_ACTIVE:
        return now == STATE_RAMPDOWN || is_latched(now);
    case STATE_ARMED:
    case STATE_RAMPDOWN:
        return now == STATE_SAFE || is_latched(now);
    case STATE_FAULT:
        return now == STATE_SAFE;
    default:
        return now == STATE_SAFE || now == STATE_FAULT;
    }
}

/* The type of frame that may make `now` of `was`; 0 when none may. */
static uint8_t type_that_makes(enum state was, enum state now)
{
    if (was == STATE_SAFE && now == STATE_ARMED) {
        return MESSAGE_ARM;
    }
    if (was == STATE_ARMED && now == STATE_ACTIVE) {
        return MESSAGE_SETPOINT;
    }
    bool stopped = (was == STATE_ARMED && now == STATE_SAFE) ||
                   (was == STATE_ACTIVE && now == STATE_RAMPDOWN);
    return stopped ? MESSAGE_STOP : 0;
}

static void quiet_soon_after_active(struct witness *witness, const struct view *was,
                                    const struct view *now)
{
    if (now->state == STATE_ACTIVE) {
        witness->must_be_quiet = false;
    } else if (was->state == STATE_ACTIVE) {
        witness->must_be_quiet = true;
        witness->quiet_by_ms = witness->now_ms + QUIET_MS;
    }
    CHECK(!witness->must_be_quiet || witness->now_ms < witness->quiet_by_ms ||
              !is_felt(&now->gate),
          "nothing is felt 300 ms after ACTIVE");
}

static void latched_until_a_person_acts(struct world *world, const struct view *was,
                                        const struct view *now)
{
    struct witness *witness = &world->witness;
    bool acknowledged = witness_acknowledged(witness);

    if (is_latched(was->state) && !is_latched(now->state)) {
        bool faulty = was->state == STATE_FAULT;

        CHECK(acknowledged, "FAULT and ESTOP are left by ACK only");
        CHECK(witness_lasted(&witness->red, false, WITNESS_HOLD_MS),
              "... with the red button released");
        CHECK(world->inputs.current_ma <= OVER_CURRENT_MA, "... with the current gone");
        CHECK(was->fault != FAULT_CONTACTOR || witness->contactor_opened, "... contactor proved");
        CHECK(!witness->self_test_failed, "... never after a failed self-test");
        CHECK(now->lockout_ms >= (faulty ? LOCKOUT_FAULT_MS : LOCKOUT_STOP_MS), "... lockout");
    }
    if (was->fault != now->fault) {
        CHECK(was->fault == FAULT_NONE || now->fault == FAULT_NONE, "the first fault is kept");
        witness->contactor_opened = false;
    }
    if (acknowledged) {
        witness->ack_was_released = false;
    }
}

static void runs_only_on_lease_and_setpoint(const struct world *world, const struct view *now)
{
    const struct witness *witness = &world->witness;

    if (now->state == STATE_ARMED || now->state == STATE_ACTIVE) {
        CHECK(witness_left_ms(witness, witness->lease_end_ms) > 0, "runs only on a lease");
    }
    if (now->state == STATE_ACTIVE) {
        CHECK(witness_left_ms(witness, witness->setpoint_end_ms) > 0, "runs only on a setpoint");
        CHECK(session_left_s(&world->chair.machine.session) > 0, "runs only within its session");
    }
    if (now->state == STATE_ARMED) {
        CHECK(witness->now_ms - witness->armed_ms < ARMED_WAIT_MS, "ARMED waits 30 s at most");
    }
}

static void runs_only_on_power_and_with_the_childs_will(const struct world *world,
                                                        const struct view *now)
{
    const struct witness *witness = &world->witness;
    bool runs = now->state == STATE_ARMED || now->state == STATE_ACTIVE;

    CHECK(!runs || !witness->supply_is_lost, "runs only on the drivers' supply");
    CHECK(!runs || !witness_lasted(&witness->cut, true, WITNESS_DRIVE_MS),
          "runs only with the contactor closed");
    CHECK(!runs || !now->child_latched, "never runs against the child's button");
    CHECK(now->child_latched || !witness_lasted(&witness->child, true, CHILD_PRESS_MS),
          "the child's press is latched");
}

static void lease_ends_in_time(const struct world *world, const struct view *now)
{
    const struct witness *witness = &world->witness;

    CHECK(now->lease_left_ms <= witness_left_ms(witness, witness->lease_end_ms),
          "a lease ends 500 ms after its nonce was issued");
}

static void armed_rightly(struct world *world, const struct frame *frame, const struct view *was)
{
    struct witness *witness = &world->witness;
    uint32_t id = get_u32(frame->payload);
    uint32_t issued_ms = 0;

    CHECK(witness_issue_time(witness, get_u32(frame->payload + 4), &issued_ms) &&
              witness->now_ms - issued_ms < LEASE_MS,
          "armed only with a nonce of the last 500 ms");
    CHECK(id != 0 && id != was->arm_id, "an arm id serves once, and 0 never");
    CHECK(was->lockout_ms == 0, "armed only when not locked out");
    CHECK(!was->child_latched, "armed only once the child's press was seen");
    CHECK(!witness->supply_is_lost, "armed only with the drivers' supply");
    CHECK(world->chair.machine.identified, "armed only when identified");
    CHECK(witness_left_ms(witness, witness->lease_end_ms) > 0, "armed only on a lease");
    CHECK(witness_lasted(&witness->red, false, WITNESS_HOLD_MS),
          "armed only with the red button released");
    witness->armed_ms = witness->now_ms;
}

static void calibrated_rightly(struct world *world, const struct frame *frame,
                               const struct view *was)
{
    struct witness *witness = &world->witness;
    const struct calibration *table = &world->chair.machine.calibration;
    bool first = calibration_kind(&was->table) == CALIBRATION_NONE;

    CHECK(frame->type == MESSAGE_CALIBRATE && frame->size == CALIBRATE_SIZE &&
              frame->payload[1] == CALIBRATION_MEASURED,
          "a table comes by CALIBRATE, and is measured");
    CHECK(was->state == STATE_SAFE, "a table is taken in SAFE only");
    CHECK(was->identified && !world->chair.machine.identified, "... and the host identifies anew");
    CHECK(!world->inputs.seat_occupied, "... with nobody in the chair");
    CHECK(witness_agreed(witness), "... with ACK held");
    if (!first && calibration_jumps(&was->table, table)) {
        CHECK(calibrate_read(frame->payload).may_jump, "a jump is asked for");
        CHECK(witness->agreed_before && witness->agreed_hash == calibration_hash(table),
              "... and agreed to twice");
    }
    witness->may_agree = false;
    witness->agreeing = false;
    witness->agreed_before = false;
}

/* Agreed to, and yet not taken: the second time it may be. */
static void see_refused_table(struct world *world, const struct frame *frame)
{
    struct witness *witness = &world->witness;
    struct calibration table;

    if (frame->type == MESSAGE_CALIBRATE && frame->size == CALIBRATE_SIZE &&
        witness_agreed(witness) && calibration_read(&table, frame->payload + 1)) {
        witness->agreed_before = true;
        witness->agreed_hash = calibration_hash(&table);
    }
}

void check_tick(struct world *world, const struct view *was, uint32_t elapsed_ms)
{
    struct view now = view_of(world);

    witness_see_agreement(&world->witness, &world->inputs, was->state == STATE_SAFE);
    CHECK(now.state == was->state || may_become_by_time(was->state, now.state), "states by time");
    CHECK(now.lockout_ms + elapsed_ms >= was->lockout_ms, "a lockout is never shortened");
    CHECK(now.calibration_hash == was->calibration_hash, "time changes no table");
    check_outputs(world, was, &now, elapsed_ms);
    quiet_soon_after_active(&world->witness, was, &now);
    latched_until_a_person_acts(world, was, &now);
    runs_only_on_lease_and_setpoint(world, &now);
    runs_only_on_power_and_with_the_childs_will(world, &now);
    CHECK(!world->chair.machine.fault.memory_failed, "nothing that arrives damages memory");
    CHECK(now.child_latched || !was->child_latched, "time does not forget the child's press");
    lease_ends_in_time(world, &now);
}

void check_frame(struct world *world, const struct frame *frame, const struct view *was)
{
    struct view now = view_of(world);
    bool for_this_boot =
        frame->boot_id == world->chair.boot_id && frame->version == FRAME_VERSION;

    if (now.state != was->state) {
        CHECK(type_that_makes(was->state, now.state) == frame->type, "states by frame");
        CHECK(for_this_boot || frame->type == MESSAGE_STOP, "only STOP from another boot");
    }
    if (now.state == STATE_ARMED && was->state != STATE_ARMED) {
        armed_rightly(world, frame, was);
    }
    if (now.calibration_hash != was->calibration_hash) {
        CHECK(for_this_boot, "no table from another boot");
        calibrated_rightly(world, frame, was);
    } else if (for_this_boot) {
        see_refused_table(world, frame);
    }
    if (frame->type == MESSAGE_STOP && frame->size == STOP_SIZE) {
        CHECK(now.state != STATE_ARMED && now.state != STATE_ACTIVE, "STOP is obeyed");
        CHECK(now.lockout_ms >= LOCKOUT_STOP_MS, "STOP locks out");
    }
    if (now.child_latched != was->child_latched) {
        CHECK(frame->type == MESSAGE_STOP && frame->payload[0] == STOP_ORDER_CHILD_SEEN,
              "the child's press is seen by a STOP that says so");
        CHECK(for_this_boot, "... of this boot");
    }
    CHECK(now.lockout_ms >= was->lockout_ms, "a lockout is never shortened");
    CHECK(memcmp(&now.gate, &was->gate, sizeof now.gate) == 0, "no frame moves an output");
    quiet_soon_after_active(&world->witness, was, &now);
    lease_ends_in_time(world, &now);
}

void check_noise(struct world *world, const struct view *was)
{
    struct view now = view_of(world);
    bool stopped = type_that_makes(was->state, now.state) == MESSAGE_STOP;

    CHECK(now.state == was->state || stopped, "noise does no more than stop");
    CHECK(now.lease_left_ms == was->lease_left_ms, "noise renews nothing");
    CHECK(now.child_latched == was->child_latched, "noise has seen no child");
    CHECK(now.calibration_hash == was->calibration_hash, "noise changes no table");
    quiet_soon_after_active(&world->witness, was, &now);
}
