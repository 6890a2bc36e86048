#include "machine.h"

#include "envelope.h"
#include "memory.h"

/* Longer gaps between two ticks count as this much in the windows and the session, which errs towards
 * remembering longer. */
#define ELAPSED_MAX_MS 1000u

_Static_assert(ARMED_WAIT_MS <= TIMER_MAX_MS, "the longest of the timers");

const struct window_shape BAD_FRAME_WINDOW = {.count = WINDOW_BUCKETS, .bucket_ms = 100};
const struct window_shape BAD_SETPOINT_WINDOW = {.count = WINDOW_BUCKETS, .bucket_ms = 1000};

static const struct light COURTESY_LIGHT = {COURTESY_RED_PPM, COURTESY_GREEN_PPM,
                                            COURTESY_BLUE_PPM};

void machine_init(struct machine *machine, const struct machine_start *start, uint32_t now_ms)
{
    const struct latches *latches = &start->latches;

    *machine = (struct machine){
        .state = STATE_BOOT,
        .boot_ms = now_ms,
        .last_tick_ms = now_ms,
        .estop_latched = latches->estop,
        .lockout_is_long = latches->lockout,
    };
    timer_start(&machine->dark, now_ms, BOOT_DARK_MS);
    timer_start(&machine->lockout, now_ms, latches->lockout ? LOCKOUT_FAULT_MS : LOCKOUT_STOP_MS);
    buttons_init(&machine->buttons, now_ms);
    fault_init(&machine->fault, latches->fault);
    lease_init(&machine->lease, start->boot_id, start->entropy);
    session_init(&machine->session);
    calibration_none(&machine->calibration);
    gate_init(&machine->gate);
    window_init(&machine->bad_frames, machine->bad_frame_buckets, &BAD_FRAME_WINDOW);
    window_init(&machine->bad_setpoints, machine->bad_setpoint_buckets, &BAD_SETPOINT_WINDOW);
    memory_seal(machine);
}

struct latches machine_latches(const struct machine *machine)
{
    return (struct latches){.fault = machine->fault.code,
                            .estop = machine->estop_latched,
                            .lockout = machine->lockout_is_long};
}

void machine_lose_store(struct machine *machine, bool ever)
{
    if (ever) {
        machine->fault.store_failed = true;
    }
    fault_latch(&machine->fault, FAULT_STORE);
}

/* --- stopping ------------------------------------------------------------------------------- */

static void stop(struct machine *machine, enum stop_reason reason, uint32_t now_ms)
{
    machine->stop_reason = reason;
    timer_extend(&machine->lockout, now_ms, LOCKOUT_STOP_MS);
    if (machine->state == STATE_ACTIVE) {
        machine->state = STATE_RAMPDOWN;
    } else if (machine->state == STATE_ARMED) {
        machine->state = STATE_SAFE;
    }
}

void machine_stop(struct machine *machine, const struct stop *order, uint32_t now_ms)
{
    memory_poll(machine, 0);
    machine->stop_tag = order->tag;
    stop(machine, STOP_HOST, now_ms);
    memory_seal(machine);
}

void machine_child_seen(struct machine *machine)
{
    memory_poll(machine, 0);
    machine->child_latched = false;
    memory_seal(machine);
}

/* What ends ARMED and ACTIVE alike, or STOP_NONE. */
static enum stop_reason common_end(const struct machine *machine, uint32_t now_ms)
{
    if (machine->child_latched) {
        return STOP_CHILD_BUTTON;
    }
    if (machine->drive.contactor_open) {
        return STOP_CONTACTOR_OPEN;
    }
    if (machine->drive.supply_lost) {
        return STOP_NO_SUPPLY;
    }
    if (!lease_alive(&machine->lease, now_ms)) {
        return STOP_LEASE;
    }
    return machine->bad_frames.total > BAD_FRAMES_PER_S ? STOP_BAD_FRAMES : STOP_NONE;
}

static enum stop_reason armed_end(const struct machine *machine, uint32_t now_ms)
{
    return timer_left_ms(&machine->armed_wait, now_ms) == 0 ? STOP_NO_SETPOINT
                                                            : common_end(machine, now_ms);
}

static enum stop_reason active_end(const struct machine *machine, uint32_t now_ms)
{
    uint32_t ttl_ms = timer_left_ms(&machine->setpoint_ttl, now_ms);

    if (ttl_ms == 0 || ttl_ms > SETPOINT_TTL_MAX_MS) {
        return STOP_TTL;
    }
    return session_left_s(&machine->session) == 0 ? STOP_SESSION : common_end(machine, now_ms);
}

/* --- states --------------------------------------------------------------------------------- */

static bool is_latched(const struct machine *machine)
{
    return machine->fault.code != FAULT_NONE || machine->estop_latched;
}

/* A fault hides an emergency stop: its code must be seen first, and both put out the same. */
static void enter_latched(struct machine *machine)
{
    bool faulty = machine->fault.code != FAULT_NONE;

    machine->state = faulty ? STATE_FAULT : STATE_ESTOP;
    machine->stop_reason = faulty ? STOP_FAULT : STOP_ESTOP;
    gate_cut(&machine->gate);
}

static void serve_ack(struct machine *machine, uint32_t now_ms)
{
    if (!machine->buttons.acknowledged || !machine->buttons.estop_is_closed ||
        !fault_cause_gone(&machine->fault)) {
        return;
    }
    if (machine->fault.code != FAULT_NONE) {
        machine->lockout_is_long = true;
        timer_extend(&machine->lockout, now_ms, LOCKOUT_FAULT_MS);
    }
    timer_extend(&machine->lockout, now_ms, LOCKOUT_STOP_MS);
    machine->fault.code = FAULT_NONE;
    machine->estop_latched = false;
    machine->state = STATE_SAFE;
}

static void advance_unlatched(struct machine *machine, uint32_t now_ms)
{
    enum stop_reason end = STOP_NONE;

    if (machine->state == STATE_ARMED) {
        end = armed_end(machine, now_ms);
    } else if (machine->state == STATE_ACTIVE) {
        end = active_end(machine, now_ms);
    } else if (machine->state == STATE_RAMPDOWN && !machine_amplifier_enabled(machine)) {
        machine->state = STATE_SAFE;
    }
    if (end != STOP_NONE) {
        stop(machine, end, now_ms);
    }
}

static void advance_state(struct machine *machine, uint32_t now_ms)
{
    if (machine->state == STATE_BOOT) {
        if (timer_left_ms(&machine->dark, now_ms) > 0) {
            return;
        }
        machine->state = STATE_SAFE;
    } else if (is_latched(machine)) {
        serve_ack(machine, now_ms);
    }
    if (is_latched(machine)) {
        enter_latched(machine);
    } else {
        advance_unlatched(machine, now_ms);
    }
}

/* --- outputs -------------------------------------------------------------------------------- */

static struct gate_target target_of_setpoint(const struct setpoint *setpoint)
{
    return (struct gate_target){
        .vibration_ppm = setpoint->vibration_permille * PPM_PER_PERMILLE,
        .vibration_mhz = setpoint->vibration_dhz * MHZ_PER_DHZ,
        .sound_ppm = setpoint->sound_permille * PPM_PER_PERMILLE,
        .light = {setpoint->red_permille * PPM_PER_PERMILLE,
                  setpoint->green_permille * PPM_PER_PERMILLE,
                  setpoint->blue_permille * PPM_PER_PERMILLE},
    };
}

static struct gate_target target_at_rest(const struct machine *machine)
{
    struct gate_target target = {.vibration_mhz = machine->gate.vibration_mhz};

    if (machine->state != STATE_BOOT) {
        target.light = COURTESY_LIGHT;
    }
    return target;
}

static void drive(struct machine *machine, uint32_t elapsed_ms)
{
    struct gate_target target = target_at_rest(machine);

    if (machine->state == STATE_ACTIVE) {
        target = target_of_setpoint(&machine->setpoint);
        machine->applied_tag = machine->setpoint.tag;
    }
    gate_step(&machine->gate, &target, &machine->calibration, elapsed_ms);
}

bool machine_amplifier_enabled(const struct machine *machine)
{
    return machine->gate.vibration_ppm > 0 || machine->gate.sound_ppm > 0;
}

/* --- time ----------------------------------------------------------------------------------- */

static void poll_timers(struct machine *machine, uint32_t now_ms)
{
    timer_poll(&machine->dark, now_ms);
    timer_poll(&machine->lockout, now_ms);
    timer_poll(&machine->setpoint_ttl, now_ms);
    timer_poll(&machine->armed_wait, now_ms);
    lease_poll(&machine->lease, now_ms);
    machine->lockout_is_long = machine->lockout_is_long && machine->lockout.running;
}

static void pass_time(struct machine *machine, uint16_t counted_ms)
{
    window_advance(&machine->bad_frames, machine->bad_frame_buckets, &BAD_FRAME_WINDOW, counted_ms);
    window_advance(&machine->bad_setpoints, machine->bad_setpoint_buckets, &BAD_SETPOINT_WINDOW,
                   counted_ms);
    session_advance(&machine->session, machine->state == STATE_ACTIVE, counted_ms);
    if (machine->state == STATE_ARMED || machine->state == STATE_ACTIVE) {
        session_claim(&machine->session);
    }
}

/* The press that leaves FAULT or ESTOP, the one of a sweep and the daily check's agree to no table. */
static void see_agreement(struct machine *machine, uint32_t now_ms)
{
    struct agreement *agreement = &machine->agreement;

    if (machine->state != STATE_SAFE || machine->inputs.seat_occupied) {
        *agreement = (struct agreement){0};
    } else if (machine->buttons.ack_released.reached) {
        agreement->may_begin = true;
    }
    (void)hold_poll(&agreement->given, agreement->may_begin && machine->inputs.ack_pressed, now_ms,
                    AGREE_HOLD_MS);
}

static void see_inputs(struct machine *machine, const struct inputs *inputs, uint32_t now_ms)
{
    machine->inputs = *inputs;
    buttons_poll(&machine->buttons, inputs, now_ms);
    machine->estop_latched = machine->estop_latched || machine->buttons.estop_is_open;
    machine->child_latched = machine->child_latched || machine->buttons.child_is_pressed;
    drive_poll(&machine->drive, inputs, &machine->buttons, now_ms);
    fault_poll(&machine->fault, inputs, &machine->buttons, machine->gate.vibration_ppm, now_ms);
}

void machine_tick(struct machine *machine, const struct inputs *inputs, uint32_t now_ms)
{
    uint32_t elapsed_ms = now_ms - machine->last_tick_ms;
    uint16_t counted_ms = (uint16_t)(elapsed_ms < ELAPSED_MAX_MS ? elapsed_ms : ELAPSED_MAX_MS);

    machine->last_tick_ms = now_ms;
    memory_poll(machine, counted_ms);
    see_inputs(machine, inputs, now_ms);
    poll_timers(machine, now_ms);
    pass_time(machine, counted_ms);
    see_agreement(machine, now_ms);
    advance_state(machine, now_ms);
    drive(machine, elapsed_ms);
    memory_seal(machine);
}
