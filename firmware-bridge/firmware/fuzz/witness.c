#include "witness.h"

#include <string.h>

#include "bytes.h"
#include "check.h"
#include "envelope.h"

#define HOLD_MS 50u
#define QUIET_MS 300u

/* What the invariants compare. */
struct view {
    enum state state;
    enum fault_code fault;
    struct gate gate;
    uint32_t lease_left_ms;
    uint32_t lockout_ms;
    uint32_t arm_id;
};

static struct view look(const struct world *world)
{
    const struct machine *machine = &world->chair.machine;

    return (struct view){
        .state = machine->state,
        .fault = machine->fault.code,
        .gate = machine->gate,
        .lease_left_ms = timer_left_ms(&machine->lease.alive, world->now_ms),
        .lockout_ms = timer_left_ms(&machine->lockout, world->now_ms),
        .arm_id = machine->arm_id,
    };
}

static bool is_latched(enum state state)
{
    return state == STATE_FAULT || state == STATE_ESTOP;
}

static bool is_felt(const struct gate *gate)
{
    return gate->vibration_ppm > 0 || gate->sound_ppm > 0;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a < b ? b - a : a - b;
}

static uint32_t rise(uint32_t before, uint32_t after)
{
    return after > before ? after - before : 0;
}

/* --- what the witness sees ------------------------------------------------------------------ */

static void see(struct held *held, bool value, uint32_t elapsed_ms)
{
    held->for_ms = held->known && held->value == value ? held->for_ms + elapsed_ms : 0;
    held->value = value;
    held->known = true;
}

static bool lasted(const struct held *held, bool value, uint32_t at_least_ms)
{
    return held->value == value && held->for_ms >= at_least_ms;
}

static void see_inputs(struct witness *witness, const struct inputs *inputs, uint32_t elapsed_ms)
{
    witness->now_ms += elapsed_ms;
    see(&witness->red, inputs->estop_open, elapsed_ms);
    see(&witness->ack, inputs->ack_pressed, elapsed_ms);
    if (lasted(&witness->ack, false, HOLD_MS)) {
        witness->ack_was_released = true;
    }
    if (inputs->estop_open && !inputs->contactor_closed) {
        witness->contactor_opened = true;
    }
}

static uint32_t left_ms(const struct witness *witness, uint32_t end_ms)
{
    return end_ms > witness->now_ms ? end_ms - witness->now_ms : 0;
}

/* When a nonce was issued; false when it never was, or too long ago to matter. */
static bool issue_time(const struct witness *witness, uint32_t nonce, uint32_t *issued_ms)
{
    for (uint32_t i = 0; i < lesser(witness->issued, WITNESS_NONCES); i++) {
        if (witness->nonces[i] == nonce) {
            *issued_ms = witness->issued_ms[i];
            return true;
        }
    }
    return false;
}

static void see_nonce(struct witness *witness, uint32_t nonce)
{
    uint32_t issued_ms;

    CHECK(nonce != 0 && !issue_time(witness, nonce, &issued_ms), "a nonce is new, and not 0");
    witness->nonces[witness->issued % WITNESS_NONCES] = nonce;
    witness->issued_ms[witness->issued % WITNESS_NONCES] = witness->now_ms;
    witness->issued++;
}

static void see_lease(struct world *world, const struct frame *frame)
{
    struct witness *witness = &world->witness;
    uint32_t nonce = get_u32(frame->payload);
    uint32_t issued_ms;

    if (get_u32(frame->payload + 4) == lease_proof(world->chair.boot_id, nonce) &&
        issue_time(witness, nonce, &issued_ms) && issued_ms + LEASE_MS > witness->lease_end_ms) {
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

static void see_setpoint(struct world *world, const struct frame *frame)
{
    if (!in_range(frame->payload)) {
        return;
    }
    if (world->chair.machine.state == STATE_ARMED || world->chair.machine.state == STATE_ACTIVE) {
        world->witness.setpoint_end_ms =
            world->witness.now_ms + lesser(get_u16(frame->payload + 14), SETPOINT_TTL_MAX_MS);
    }
}

/* --- what must hold ------------------------------------------------------------------------- */

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

static void never_above_cap(const struct world *world, const struct gate *gate)
{
    const struct calibration *table = &world->chair.machine.calibration;

    CHECK(gate->vibration_mhz >= VIBRATION_DHZ_MIN * MHZ_PER_DHZ, "frequency in range");
    CHECK(gate->vibration_mhz <= VIBRATION_DHZ_MAX * MHZ_PER_DHZ, "frequency in range");
    CHECK(gate->vibration_ppm <= calibration_vibration_ppm(table, gate->vibration_mhz),
          "vibration below its ceiling");
    CHECK(gate->sound_ppm <= calibration_sound_ppm(table), "sound below its ceiling");
    CHECK(gate->light.red_ppm <= FULL_PPM && gate->light.green_ppm <= FULL_PPM &&
              gate->light.blue_ppm <= FULL_PPM,
          "light below full scale");
    CHECK((gate->light.green_ppm + gate->light.blue_ppm) * 100u >=
              gate->light.red_ppm * RED_RATIO_PERCENT,
          "green + blue >= 0.43 red");
}

static void never_faster_than_slew(const struct world *world, const struct gate *was,
                                   const struct gate *now, uint32_t elapsed_ms)
{
    const struct calibration *table = &world->chair.machine.calibration;
    uint32_t light = LIGHT_SLEW_PPM_PER_MS * lesser(elapsed_ms, LIGHT_STEP_MAX_MS);
    uint32_t ceiling = calibration_vibration_ppm(table, now->vibration_mhz);
    uint32_t fall = FULL_PPM / FALL_MS * elapsed_ms;

    CHECK(distance(was->light.red_ppm, now->light.red_ppm) <= light, "red slew");
    CHECK(distance(was->light.green_ppm, now->light.green_ppm) <= light, "green slew");
    CHECK(distance(was->light.blue_ppm, now->light.blue_ppm) <= light, "blue slew");
    CHECK(rise(was->vibration_ppm, now->vibration_ppm) <= ceiling * elapsed_ms / RISE_MS,
          "vibration rise");
    CHECK(rise(was->sound_ppm, now->sound_ppm) <=
              calibration_sound_ppm(table) * elapsed_ms / RISE_MS,
          "sound rise");
    CHECK(was->vibration_ppm == 0 || distance(was->vibration_mhz, now->vibration_mhz) <=
                                         VIBRATION_GLIDE_MHZ_PER_MS * elapsed_ms,
          "frequency glide");
    if (!is_latched(world->chair.machine.state)) {
        CHECK(rise(now->sound_ppm, was->sound_ppm) <= fall, "sound fall");
        CHECK(rise(now->vibration_ppm, lesser(was->vibration_ppm, ceiling)) <= fall,
              "vibration fall");
    }
}

static void felt_only_when_active(const struct world *world, const struct view *now)
{
    bool may_be_felt = now->state == STATE_ACTIVE || now->state == STATE_RAMPDOWN;

    CHECK(may_be_felt || !is_felt(&now->gate), "felt only in ACTIVE and RAMPDOWN");
    CHECK(chair_amplifier_enabled(&world->chair) == is_felt(&now->gate),
          "the amplifier is enabled just while something is felt");
    CHECK(now->state != STATE_BOOT || (now->gate.light.red_ppm == 0 &&
                                       now->gate.light.green_ppm == 0 &&
                                       now->gate.light.blue_ppm == 0),
          "dark in BOOT");
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
    bool acknowledged = witness->ack_was_released && lasted(&witness->ack, true, HOLD_MS);

    if (is_latched(was->state) && !is_latched(now->state)) {
        bool faulty = was->state == STATE_FAULT;

        CHECK(acknowledged, "FAULT and ESTOP are left by ACK only");
        CHECK(lasted(&witness->red, false, HOLD_MS), "... with the red button released");
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
        CHECK(left_ms(witness, witness->lease_end_ms) > 0, "runs only on a lease");
    }
    if (now->state == STATE_ACTIVE) {
        CHECK(left_ms(witness, witness->setpoint_end_ms) > 0, "runs only on a setpoint");
        CHECK(session_left_s(&world->chair.machine.session) > 0, "runs only within its session");
    }
    if (now->state == STATE_ARMED) {
        CHECK(witness->now_ms - witness->armed_ms < ARMED_WAIT_MS, "ARMED waits 30 s at most");
    }
}

static void lease_ends_in_time(const struct world *world, const struct view *now)
{
    const struct witness *witness = &world->witness;

    CHECK(now->lease_left_ms <= left_ms(witness, witness->lease_end_ms),
          "a lease ends 500 ms after its nonce was issued");
}

static void armed_rightly(struct world *world, const struct frame *frame, const struct view *was)
{
    struct witness *witness = &world->witness;
    uint32_t id = get_u32(frame->payload);
    uint32_t issued_ms = 0;

    CHECK(issue_time(witness, get_u32(frame->payload + 4), &issued_ms) &&
              witness->now_ms - issued_ms < LEASE_MS,
          "armed only with a nonce of the last 500 ms");
    CHECK(id != 0 && id != was->arm_id, "an arm id serves once, and 0 never");
    CHECK(was->lockout_ms == 0, "armed only when not locked out");
    CHECK(world->chair.machine.identified, "armed only when identified");
    CHECK(left_ms(witness, witness->lease_end_ms) > 0, "armed only on a lease");
    CHECK(lasted(&witness->red, false, HOLD_MS), "armed only with the red button released");
    witness->armed_ms = witness->now_ms;
}

static void check_tick(struct world *world, const struct view *was, uint32_t elapsed_ms)
{
    struct view now = look(world);

    CHECK(now.state == was->state || may_become_by_time(was->state, now.state), "states by time");
    CHECK(now.lockout_ms + elapsed_ms >= was->lockout_ms, "a lockout is never shortened");
    never_above_cap(world, &now.gate);
    never_faster_than_slew(world, &was->gate, &now.gate, elapsed_ms);
    felt_only_when_active(world, &now);
    quiet_soon_after_active(&world->witness, was, &now);
    latched_until_a_person_acts(world, was, &now);
    runs_only_on_lease_and_setpoint(world, &now);
    lease_ends_in_time(world, &now);
}

static void check_frame(struct world *world, const struct frame *frame, const struct view *was)
{
    struct view now = look(world);
    bool for_this_boot =
        frame->boot_id == world->chair.boot_id && frame->version == FRAME_VERSION;

    if (now.state != was->state) {
        CHECK(type_that_makes(was->state, now.state) == frame->type, "states by frame");
        CHECK(for_this_boot || frame->type == MESSAGE_STOP, "only STOP from another boot");
    }
    if (now.state == STATE_ARMED && was->state != STATE_ARMED) {
        armed_rightly(world, frame, was);
    }
    if (frame->type == MESSAGE_STOP && frame->size == STOP_SIZE) {
        CHECK(now.state != STATE_ARMED && now.state != STATE_ACTIVE, "STOP is obeyed");
        CHECK(now.lockout_ms >= LOCKOUT_STOP_MS, "STOP locks out");
    }
    CHECK(now.lockout_ms >= was->lockout_ms, "a lockout is never shortened");
    CHECK(memcmp(&now.gate, &was->gate, sizeof now.gate) == 0, "no frame moves an output");
    quiet_soon_after_active(&world->witness, was, &now);
    lease_ends_in_time(world, &now);
}

/* --- the world ------------------------------------------------------------------------------ */

void world_boot(struct world *world, uint32_t boot_id, uint8_t reset_flags, bool self_test_ok)
{
    struct chair_boot boot = {
        .boot_id = boot_id,
        .reset_flags = reset_flags,
        .self_test_ok = self_test_ok,
        .serial = "FUZZ",
        .store = world->store,
    };

    chair_init(&world->chair, &boot, world->now_ms);
    world->witness = (struct witness){.self_test_failed = !self_test_ok};
}

static void answer(struct world *world, uint32_t nonce)
{
    struct frame lease = {.version = FRAME_VERSION,
                          .type = MESSAGE_LEASE,
                          .boot_id = world->chair.boot_id,
                          .size = LEASE_SIZE};

    put_u32(lease.payload, nonce);
    put_u32(lease.payload + 4, lease_proof(world->chair.boot_id, nonce));
    world_send(world, lease);
}

static void hear_status(struct world *world, const struct frame *frame)
{
    const uint8_t *payload = frame->payload;
    uint32_t nonce = get_u32(payload + 18);

    CHECK((get_u16(payload + 14) + get_u16(payload + 16)) * 100u >=
              get_u16(payload + 12) * RED_RATIO_PERCENT,
          "what is reported keeps the ratio");
    if (payload[5] & FLAG_FRESH_NONCE) {
        see_nonce(&world->witness, nonce);
        if (world->leased) {
            answer(world, nonce);
        }
    }
}

static void hear(struct world *world)
{
    uint8_t wire[FRAME_WIRE_MAX];
    struct frame frame;
    size_t size;

    while ((size = chair_transmit(&world->chair, wire, world->now_ms)) > 0) {
        CHECK(size <= FRAME_WIRE_MAX, "a frame fits the wire");
        CHECK(frame_decode(wire, size - 1, &frame) == FRAME_GOOD, "the chair sends whole frames");
        if (frame.type == MESSAGE_STATUS) {
            hear_status(world, &frame);
        }
    }
}

static void keep(struct world *world)
{
    struct store_write write;

    if (chair_take_store_write(&world->chair, &write)) {
        CHECK(write.at + write.size <= STORE_SIZE, "a write stays inside the store");
        memcpy(world->store + write.at, write.bytes, write.size);
    }
}

void world_tick(struct world *world, uint32_t elapsed_ms)
{
    struct view was = look(world);

    world->now_ms += elapsed_ms;
    see_inputs(&world->witness, &world->inputs, elapsed_ms);
    chair_tick(&world->chair, &world->inputs, world->now_ms);
    check_tick(world, &was, elapsed_ms);
    hear(world);
    keep(world);
}

void world_run(struct world *world, uint32_t count, uint32_t step_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        world_tick(world, step_ms);
    }
}

void world_send(struct world *world, struct frame frame)
{
    uint8_t wire[FRAME_WIRE_MAX + 1];
    struct view was = look(world);
    bool mine = frame.boot_id == world->chair.boot_id && frame.version == FRAME_VERSION;

    frame.seq = world->seq++;
    if (mine && frame.type == MESSAGE_LEASE && frame.size == LEASE_SIZE) {
        see_lease(world, &frame);
    } else if (mine && frame.type == MESSAGE_SETPOINT && frame.size == SETPOINT_SIZE) {
        see_setpoint(world, &frame);
    }
    /* A zero first: noise may have left half a frame behind. */
    wire[0] = 0;
    size_t size = frame_encode(&frame, wire + 1);
    chair_receive(&world->chair, wire, size + 1, world->now_ms);
    check_frame(world, &frame, &was);
}

void world_noise(struct world *world, const uint8_t *bytes, size_t size)
{
    struct view was = look(world);

    chair_receive(&world->chair, bytes, size, world->now_ms);
    struct view now = look(world);
    bool stopped = type_that_makes(was.state, now.state) == MESSAGE_STOP;

    CHECK(now.state == was.state || stopped, "noise does no more than stop");
    CHECK(now.lease_left_ms == was.lease_left_ms, "noise renews nothing");
    quiet_soon_after_active(&world->witness, &was, &now);
}

uint32_t world_nonce(const struct world *world, uint32_t back)
{
    const struct witness *witness = &world->witness;

    if (back >= lesser(witness->issued, WITNESS_NONCES)) {
        return 0;
    }
    return witness->nonces[(witness->issued - 1u - back) % WITNESS_NONCES];
}
