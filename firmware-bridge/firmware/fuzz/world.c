#include "world.h"

#include <string.h>

#include "bytes.h"
#include "check.h"
#include "envelope.h"
#include "invariants.h"

#define STORE_BYTES_PER_TICK 4u

/* One that came in the middle of a write may leave what was before. */
#define GAIN_MAX_S 2u /* ticks may be 250 ms apart here, and a write takes several */

static void check_reset(const struct world *world, const struct latches *was, uint16_t budget_was_s)
{
    const struct machine *machine = &world->chair.machine;
    uint32_t lockout_ms = timer_left_ms(&machine->lockout, world->now_ms);

    CHECK(!world->hour_is_known || session_budget_s(&machine->session) <= budget_was_s + GAIN_MAX_S,
          "a reset gains no time");
    CHECK(lockout_ms >= LOCKOUT_STOP_MS, "a reset locks out");
    if (!world->latches_are_known || !world->is_settled) {
        return;
    }
    CHECK(was->fault == FAULT_NONE || machine->fault.code == was->fault,
          "a reset forgets no fault");
    CHECK(machine->estop_latched == was->estop, "a reset forgets no emergency stop");
    CHECK(!was->lockout || lockout_ms >= LOCKOUT_FAULT_MS, "a reset forgets no lockout");
}

void world_boot(struct world *world, uint32_t boot_id, uint8_t reset_flags, bool self_test_ok)
{
    struct chair_boot boot = {
        .boot_id = boot_id,
        .reset_flags = reset_flags,
        .self_test_ok = self_test_ok,
        .boot_id_kept = true,
        .serial = "FUZZ",
        .store = world->store,
    };

    uint32_t in_force = calibration_hash(&world->chair.machine.calibration);
    uint16_t budget_s = session_budget_s(&world->chair.machine.session);
    struct machine *machine = &world->chair.machine;
    struct latches was = {machine->fault.code, machine->estop_latched, machine->lockout_is_long};
    chair_init(&world->chair, &boot, world->now_ms);
    chair_restore_calibration(&world->chair, world->store + STORE_CALIBRATION_AT, true);
    for (uint8_t step = 0; step < SESSION_RESTORE_STEPS; step++) {
        chair_restore_minute(&world->chair, step, world->store + store_minute_at(step));
    }
    world->witness = (struct witness){.self_test_failed = !self_test_ok};
    check_reset(world, &was, budget_s);
    world->is_settled = false;
    world->writing = false;
    if (world->kept_is_known) {
        uint32_t hash = calibration_hash(&world->chair.machine.calibration);

        CHECK(hash == world->kept_hash || hash == in_force,
              "a reset leaves the table stored before or the new one");
    }
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
        witness_see_nonce(&world->witness, nonce);
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

static void end_write(struct world *world)
{
    uint32_t table = calibration_hash(&world->chair.machine.calibration);

    world->writing = false;
    chair_store_written(&world->chair, !world->fails);
    if (world->fails) {
        world->kept_is_known = false;
        world->latches_are_known = false;
        world->hour_is_known = false;
    } else if (world->write.at < STORE_CALIBRATION_AT) {
        world->latches_are_known = true;
    } else if (world->write.at < STORE_HOUR_AT) {
        world->kept_hash = table;
        world->kept_is_known = true;
    }
}

/* An EEPROM is slow, and a reset may come between any two bytes. */
static void keep(struct world *world)
{
    struct store_write *write = &world->write;

    for (uint32_t i = 0; world->writing && i < STORE_BYTES_PER_TICK; i++) {
        uint8_t byte = write->bytes[world->written];

        world->store[write->at + world->written] = world->fails ? (uint8_t)~byte : byte;
        world->written++;
        if (world->written == write->size) {
            end_write(world);
        }
    }
    world->is_settled = !world->writing;
    if (!world->writing && chair_pop_store_write(&world->chair, write)) {
        CHECK(write->at + write->size <= STORE_IMAGE_SIZE, "a write stays inside the store");
        world->writing = true;
        world->is_settled = false;
        world->fails = world->store_is_worn;
        world->written = 0;
    }
}

void world_tick(struct world *world, uint32_t elapsed_ms)
{
    struct view was = view_of(world);

    world->now_ms += elapsed_ms;
    witness_see_inputs(&world->witness, &world->inputs, elapsed_ms);
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
    struct view was = view_of(world);
    bool driven = was.state == STATE_ARMED || was.state == STATE_ACTIVE;
    bool mine = frame.boot_id == world->chair.boot_id && frame.version == FRAME_VERSION;

    frame.seq = world->seq++;
    if (mine && frame.type == MESSAGE_LEASE && frame.size == LEASE_SIZE) {
        witness_see_lease(&world->witness, world->chair.boot_id, frame.payload);
    } else if (mine && driven && frame.type == MESSAGE_SETPOINT && frame.size == SETPOINT_SIZE) {
        witness_see_setpoint(&world->witness, frame.payload);
    }
    /* A zero first: noise may have left half a frame behind. */
    wire[0] = 0;
    size_t size = frame_encode(&frame, wire + 1);
    chair_receive(&world->chair, wire, size + 1, world->now_ms);
    world->is_settled = false;
    check_frame(world, &frame, &was);
}

void world_noise(struct world *world, const uint8_t *bytes, size_t size)
{
    struct view was = view_of(world);

    chair_receive(&world->chair, bytes, size, world->now_ms);
    world->is_settled = false;
    check_noise(world, &was);
}
